"""Pipelines that lie beside what is judged (`.gitlab-ci.yml`, `.github/workflows/`, `Jenkinsfile`, …): one `pipeline` per file, and a
`setting` for each variable it gives its jobs.

Scripts are taken apart into commands, and documents in them (`cat > file <<EOF`) opened, so that whoever looks for addresses and
regions finds them as in any other data.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from blueprint.errors import Problem
from blueprint.facts.documents import BrokenDocument, load_yaml
from blueprint.facts.embedded import opened
from blueprint.facts.files import Unreadable, below, read_text
from blueprint.facts.model import Resource
from blueprint.facts.values import Sensitive

# Where each system looks for its pipelines.
FILES = re.compile(
    r"(.*/)?(\.gitlab-ci|[\w.-]+\.gitlab-ci)\.ya?ml|\.gitlab/ci/.*\.ya?ml|\.(github|gitea|forgejo)/workflows/[^/]+\.ya?ml"
    r"|(.*/)?\.?azure-pipelines?[\w.-]*\.ya?ml|\.(azure-pipelines|azuredevops|pipelines)/.*\.ya?ml|bitbucket-pipelines\.ya?ml"
    r"|\.circleci/.*\.ya?ml|\.(woodpecker|drone|travis|cirrus|appveyor)[\w.-]*\.ya?ml|appveyor\.ya?ml|\.(woodpecker|buildkite|tekton)/.*\.ya?ml"
    r"|(.*/)?Jenkinsfile[\w.-]*|(.*/)?(cloudbuild|buildspec)[\w.-]*\.ya?ml|\.concourse/.*\.ya?ml"
)
WORDS = ("command", "args", "cmd", "entrypoint")  # one command, a word each; scripts are lists of commands
SCRIPTS = frozenset(
    ("script", "before_script", "after_script", "run", "bash", "sh", "pwsh", "powershell", "commands", "inlineScript", *WORDS)
)
VARIABLES = frozenset(("env", "variables", "environment", "environment_variables", "globalEnv", "secrets", "pipelineVariables"))
HEREDOC = re.compile(r"<<-?\s*(?P<quote>['\"]?)(?P<end>\w+)(?P=quote)[^\n]*\n(?P<body>.*?)\n\s*(?P=end)\b", re.DOTALL)
CONTINUED = re.compile(r"\s*\\\n\s*")
APART = re.compile(r"\n|\s(?:&&|\|\||\||;)\s")
CODE = re.compile(r"[\w\])]\(")  # calls of a program's language, not options of a command
ASSIGNED = re.compile(r"(?<![\w-])(?P<name>[A-Z][A-Z0-9]*_\w+)\s*=\s*[\"']?(?P<value>[^\s\"';&|,\])}]+)")
COMMENT = re.compile(r"(?m)^\s*(#|//).*$")
TEXT = "Jenkinsfile"
GROOVY_IMAGE = re.compile(r"\bimage\s*\(?\s*['\"](?P<image>[^'\"\s]+)['\"]")


def is_pipeline(name: str) -> bool:
    """Whether a file with this name, as seen from the folder that is judged, is a pipeline."""
    return FILES.fullmatch(name) is not None


def of_folder(folder: Path) -> Iterator[tuple[list[Resource], list[Problem]]]:
    """What the pipelines below a folder say."""
    for path in below(folder):
        if is_pipeline(name := path.relative_to(folder).as_posix()):
            yield pipeline(path, name)


def pipeline(path: Path, name: str) -> tuple[list[Resource], list[Problem]]:
    """What one file says."""
    try:
        text = read_text(path)
        documents = [_groovy(text)] if path.name.startswith(TEXT) else [one for one in load_yaml(text) if one is not None]
    except Unreadable as error:
        return [], [Problem(name, 0, "", str(error))]
    except BrokenDocument as error:
        return [], [Problem(name, error.line, "", str(error))]
    document = documents[0] if len(documents) == 1 else {str(index): one for index, one in enumerate(documents)}
    attributes = {key: _taken_apart(value, str(key)) for key, value in document.items()} if isinstance(document, Mapping) else {}
    return [Resource("pipeline", f"pipeline.{name}", attributes, {"text": text}, file=name), *_settings(document, text, name)], []


def _groovy(text: str) -> Mapping[str, Any]:
    """What a Jenkinsfile says: it is a program, read line by line, and the images its agents run in."""
    return {"script": text, "agents": [{"image": found["image"]} for found in GROOVY_IMAGE.finditer(text)]}


def _taken_apart(value: Any, key: str) -> Any:
    """The same with the commands of scripts one by one."""
    if isinstance(value, Mapping):
        return {name: _taken_apart(item, str(name)) for name, item in value.items()}
    if isinstance(value, list):
        return [_taken_apart(item, "" if key in WORDS else key) for item in value]
    script = isinstance(value, str) and (key in SCRIPTS or "\n" in value.strip())
    return list(_commands(value)) if script else value


def _commands(script: str) -> Iterator[Any]:
    script = CONTINUED.sub(" ", script)
    for document in HEREDOC.finditer(script):
        inside = opened(document["body"])
        yield {"document": inside} if inside is not None else {"document": list(_commands(document["body"]))}
    for line in APART.split(HEREDOC.sub("", script)):
        if line.strip():
            yield {"code" if CODE.search(line) else "command": line.strip()}


def _settings(document: Any, text: str, name: str) -> Iterator[Resource]:
    """A setting for each variable of a job, or that a script sets."""
    found = {**{one["name"]: one["value"] for one in ASSIGNED.finditer(COMMENT.sub("", text))}, **dict(_variables(document))}
    for variable, value in sorted(found.items()):
        attributes = {"name": variable, "value": Sensitive(str(value).lower() if isinstance(value, bool) else str(value))}
        yield Resource("setting", f"setting.{name}.{variable}", attributes, attributes, file=name)


def _variables(data: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key in VARIABLES:
                yield from _given(value)
            yield from _variables(value)
    elif isinstance(data, list):
        for item in data:
            yield from _variables(item)


def _given(value: Any) -> Iterator[tuple[str, Any]]:
    """Variables as a mapping, as a list of names and values, or as lines NAME=value."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping) and isinstance(item.get("name"), str) and "value" in item:
            yield item["name"], item["value"]
        elif isinstance(item, Mapping):
            for name, given in item.items():
                yield str(name), given.get("value", "") if isinstance(given, Mapping) else given
        elif isinstance(item, str) and "=" in item:
            name, _, given = item.partition("=")
            yield name, given
