"""Pipelines that lie beside what is judged (`.gitlab-ci.yml`, `.github/workflows/`, `Jenkinsfile`, …): one `pipeline` per file, and a
`setting` for each variable it gives its jobs; and the file that tells the CDK for Terraform how to run (`cdktf.json`).

Scripts are taken apart into commands, and documents in them (`cat > file <<EOF`) opened, so that whoever looks for addresses and
regions finds them as in any other data.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from blueprint.errors import Problem
from blueprint.facts.documents import BrokenDocument, load_yaml
from blueprint.facts.embedded import opened
from blueprint.facts.files import Unreadable, below, read_json, read_text
from blueprint.facts.model import Resource
from blueprint.facts.values import Sensitive

# Where each system looks for its pipelines.
FILES = re.compile(
    r"(.*/)?(\.gitlab-ci|[\w.-]+\.gitlab-ci)\.ya?ml|\.gitlab/ci/.*\.ya?ml|\.(github|gitea|forgejo)/workflows/[^/]+\.ya?ml"
    r"|(.*/)?\.?azure-pipelines?[\w.-]*\.ya?ml|\.(azure-pipelines|azuredevops|pipelines)/.*\.ya?ml|bitbucket-pipelines\.ya?ml"
    r"|\.circleci/.*\.ya?ml|\.(woodpecker|drone|travis|cirrus|appveyor)[\w.-]*\.ya?ml|appveyor\.ya?ml|\.(woodpecker|buildkite|tekton)/.*\.ya?ml"
    r"|(.*/)?Jenkinsfile[\w.-]*|(.*/)?(cloudbuild|buildspec)[\w.-]*\.ya?ml|\.concourse/.*\.ya?ml"
)
TOOLS = re.compile(r"(.*/)?cdktf\.json")
WORDS = ("command", "args", "cmd", "entrypoint")  # one command, a word each; scripts are lists of commands
SCRIPTS = frozenset(
    ("script", "before_script", "after_script", "run", "bash", "sh", "pwsh", "powershell", "commands", "inlineScript", *WORDS)
)
VARIABLES = frozenset(("env", "variables", "environment", "environment_variables", "globalEnv", "secrets", "pipelineVariables"))
HEREDOC = re.compile(r"<<-?\s*(?P<quote>['\"]?)(?P<end>\w+)(?P=quote)[^\n]*\n(?P<body>.*?)\n\s*(?P=end)\b", re.DOTALL)
CONTINUED = re.compile(r"\s*\\\n\s*")
APART = re.compile(r"\n|\s(?:&&|\|\||\||;)\s")
CODE = re.compile(r"[\w\])]\(")  # calls of a program's language, not options of a command
OF_AZURE = re.compile(r"^(az\s.*?)\s-l\s")  # its short option for a region
SET = re.compile(r"\s--set(?:-string)?[ =][\"']?([^\s\"']+)[\"']?")  # values of a chart
NAMED = re.compile(r"\$(?:\{(?=\w+\}))?(?P<name>[A-Za-z_]\w*)\}?|\$\{\{\s*env\.(?P<expression>\w+)\s*\}\}")
ASSIGNED = re.compile(r"(?<![\w-])(?P<name>[A-Z][A-Z0-9]*_\w+)\s*=\s*[\"']?(?P<value>[^\s\"';&|,\])}]+)")
COMMENT = re.compile(r"(?m)^\s*(#|//).*$")
TEXT = "Jenkinsfile"
NO_PIPELINES = (".git", ".venv", ".terraform")
GROOVY_IMAGE = re.compile(r"\bimage\s*\(?\s*['\"](?P<image>[^'\"\s]+)['\"]")


def is_pipeline(name: str) -> bool:
    """Whether a file with this name, as seen from the folder that is judged, is a pipeline, or tells a tool of one how to run."""
    return FILES.fullmatch(name) is not None or TOOLS.fullmatch(name) is not None


def of_folder(folder: Path, but: str = "") -> Iterator[tuple[list[Resource], list[Problem]]]:
    """What the pipelines below a folder say, but those in one of its folders."""
    return _among((path for path in below(folder) if not (but and path.is_relative_to(folder / but))), folder)


def of_project(folder: Path) -> Iterator[tuple[list[Resource], list[Problem]]]:
    """What the pipelines of a project say: files in its root and in the hidden folders of their systems."""
    entries = sorted(folder.iterdir())
    hidden = (entry for entry in entries if entry.is_dir() and entry.name.startswith(".") and entry.name not in NO_PIPELINES)
    return _among([*filter(Path.is_file, entries), *(path for entry in hidden for path in below(entry))], folder)


def _among(paths: Iterable[Path], folder: Path) -> Iterator[tuple[list[Resource], list[Problem]]]:
    for path in paths:
        if is_pipeline(name := path.relative_to(folder).as_posix()):
            yield pipeline(path, name)


def _tool(path: Path, name: str) -> tuple[list[Resource], list[Problem]]:
    """What a tool's own file sets."""
    document, _, problems = read_json(path, name)
    given = document.items() if isinstance(document, Mapping) else ()
    return [_setting(str(key), _spelled(value), name) for key, value in given if not isinstance(value, Mapping | list)], problems


def pipeline(path: Path, name: str) -> tuple[list[Resource], list[Problem]]:
    """What one file says."""
    if TOOLS.fullmatch(name):
        return _tool(path, name)
    try:
        text = read_text(path)
        documents = [_groovy(text)] if path.name.startswith(TEXT) else [one for one in load_yaml(text) if one is not None]
    except Unreadable as error:
        return [], [Problem(name, 0, "", str(error))]
    except BrokenDocument as error:
        return [], [Problem(name, error.line, "", str(error))]
    document = documents[0] if len(documents) == 1 else {str(index): one for index, one in enumerate(documents)}
    variables = _all_variables(document, text)
    document = _filled(document, {key: next(iter(values)) for key, values in variables.items() if len(values) == 1})
    attributes = {key: _taken_apart(value, str(key)) for key, value in document.items()} if isinstance(document, Mapping) else {}
    found = Resource("pipeline", f"pipeline.{name}", attributes, {"text": text}, file=name)
    return [found, *(_setting(variable, value, name) for variable, values in sorted(variables.items()) for value in sorted(values))], []


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
    script = CONTINUED.sub(" ", COMMENT.sub("", script))
    for document in HEREDOC.finditer(script):
        inside = opened(document["body"])
        yield {"document": inside} if inside is not None else {"document": list(_commands(document["body"]))}
    for line in APART.split(HEREDOC.sub("", script)):
        if SET.search(line):
            yield {"values": dict(part.split("=", 1) for words in SET.findall(line) for part in words.split(",") if "=" in part)}
        if line.strip():
            yield {"code" if CODE.search(line) else "command": OF_AZURE.sub(r"\1 --location ", SET.sub("", line).strip())}


def _setting(variable: str, value: str, name: str) -> Resource:
    attributes = {"name": variable, "value": Sensitive(value)}
    return Resource("setting", f"setting.{name}.{variable}", attributes, attributes, file=name)


def _all_variables(document: Any, text: str) -> dict[str, set[str]]:
    """Every value that a job or a script gives a variable."""
    found: dict[str, set[str]] = {}
    scripts = ((one["name"], one["value"]) for one in ASSIGNED.finditer(COMMENT.sub("", text)))
    for name, value in (*scripts, *_variables(document)):
        found.setdefault(str(name), set()).add(_spelled(value))
    return found


def _spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str("" if value is None else value)


def _filled(data: Any, known: Mapping[str, str]) -> Any:
    """The same with the pipeline's own variables in place of their names."""
    if isinstance(data, Mapping):
        return {key: _filled(value, known) for key, value in data.items()}
    if isinstance(data, list):
        return [_filled(item, known) for item in data]
    return (
        NAMED.sub(lambda found: known.get(found["name"] or found["expression"], found[0]), data)
        if isinstance(data, str) and "$" in data
        else data
    )


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
