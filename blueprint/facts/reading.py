"""Read whatever is given into facts: a `cdktf.out`, a stack directory, a stack's or a plan's JSON, Kubernetes manifests.

Nothing raises and nothing is passed over: what cannot be read is a problem with file and line.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from blueprint.errors import Problem
from blueprint.facts import gateway, helm, kubernetes, pipelines, plans
from blueprint.facts.blocks import LABELS, Source, merged
from blueprint.facts.files import automatic, files_of, given_variables, kind_of, read_json
from blueprint.facts.lazy import no_collection
from blueprint.facts.model import Facts, Resource
from blueprint.facts.placing import put_in_place
from blueprint.facts.stack import DECLARATION, declared, resources

STACK = "cdk.tf.json"
OUTPUT = "cdktf.out"  # in a project's root
BLOCKS = frozenset((*LABELS, "terraform", "locals", "moved", "import", "removed"))
Given = Mapping[str, Any]


def read(path: Path, plan: Path | None = None) -> list[Facts]:
    """Everything at a path, one `Facts` per stack. With a `plan` (`terraform show -json`) its values are judged instead of the
    synthesized ones; constructs, backend and files still come from the stack."""
    with no_collection():
        return [_complete(facts) for facts in (_read(path, {}) if plan is None else _read_planned(path, plan))]


def _read_planned(path: Path, plan: Path) -> list[Facts]:
    document, _, problems = read_json(plan, plan.name)
    planned = plans.facts(document, plan.name) if not problems else Facts(plan.stem, (), problems=tuple(problems))
    stacks = _read(path, plans.variables(document))
    return put_in_place(stacks, planned)


def _read(path: Path, given: Given) -> list[Facts]:
    try:
        return list(_folder(path, given)) if path.is_dir() else [_file(path, given)]
    except (OSError, RecursionError) as error:
        return [_problem(path, f"cannot be read: {getattr(error, 'strerror', None) or 'nested too deeply'}")]


def _problem(path: Path, message: str, next: str = "") -> Facts:
    return Facts(path.name, (), problems=(Problem(str(path), 0, "", message, next=next),))


def _folder(path: Path, given: Given) -> Iterator[Facts]:
    if (path / "manifest.json").is_file():
        yield from _output(path, given)
    elif (path / OUTPUT).is_dir():
        yield from _folder(path / OUTPUT, given)
    elif (path / "stacks").is_dir():
        yield from _output(path, given)
        yield _problem(path, "has no manifest.json: no output of cdktf", "synthesize again")
    elif any(path.glob("*.tf.json")) or any(path.glob("*.tf")):
        yield _stack(path, path.resolve().name, given)
    else:
        yield from _plans_and_manifests(path)


def _output(path: Path, given: Given) -> Iterator[Facts]:
    """The stacks a `manifest.json` lists, and those it does not."""
    manifest, _, problems = read_json(path / "manifest.json", "manifest.json") if (path / "manifest.json").is_file() else ({}, "", [])
    listed = manifest.get("stacks") if isinstance(manifest, Mapping) else None
    stacks = dict(_listed(path, listed if isinstance(listed, Mapping) else {}))
    folder = path / "stacks"
    stacks.update((entry, entry.name) for entry in _folders(folder) if entry not in stacks)
    for entry, name in sorted(stacks.items(), key=lambda item: item[1]):
        yield _stack(entry, name, given)
    if problems or not stacks:
        found = problems or [Problem("manifest.json", 0, "stacks", "lists no stack")]
        yield Facts(path.name, (), problems=tuple(found))


def _listed(path: Path, stacks: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for name, entry in stacks.items():
        place = entry.get("workingDirectory") if isinstance(entry, Mapping) else None
        yield path / (place if isinstance(place, str) else f"stacks/{name}"), name


def _folders(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else []


def _stack(folder: Path, name: str, given: Given) -> Facts:
    """A stack's directory: its JSON with whatever else lies there."""
    values, problems = given_variables(folder)
    sources: list[Source] = []
    for path in sorted(path for path in folder.glob("*.tf.json") if not path.name.startswith(".")):  # Terraform reads no hidden files
        document, text, wrong = read_json(path, path.name)
        sources += [] if wrong else [Source(path.name, document, text)]
        problems += wrong
    if not sources and not problems:
        problems.append(
            Problem(name, 0, "", "there is no *.tf.json: no stack that can be read", next="synthesize it, or give its plan JSON")
        )
    facts = _facts(name, sources, {**values, **given}, folder)
    objects, wrong = kubernetes.manifests(folder / "manifests", "manifests/") if (folder / "manifests").is_dir() else ([], [])
    read = [*pipelines.of_folder(folder)]
    told = [resource for found, _ in read for resource in found]
    everything = (*facts.resources, *files_of(folder, _own(folder)), *objects, *told)
    unread = [problem for _, found in read for problem in found]
    return replace(facts, resources=everything, problems=(*problems, *facts.problems, *wrong, *unread))


def _own(folder: Path) -> frozenset[str]:
    """The files that are the stack: the one cdktf writes or, of a project without it, all that Terraform reads."""
    if (folder / STACK).is_file():
        return frozenset((STACK,))
    return frozenset(
        path.name for path in (*folder.glob("*.tf.json"), *automatic(folder)) if kind_of(path.name) in ("terraform", "variables")
    )


def _facts(name: str, sources: list[Source], given: Given, folder: Path) -> Facts:
    blocks, problems = merged(sources)
    found = resources(blocks, _overrides(sources), given, folder)
    output = next((resource for resource in found if resource.address == DECLARATION), None)
    return Facts(name, tuple(found), declared(output.first("value") if output else None), tuple(problems))


def _overrides(sources: list[Source]) -> Mapping[str, Any]:
    """cdktf's note on what was overridden in the stack, by type."""
    found: dict[str, Any] = {}
    for source in sources:
        at = source.document
        for key in ("//", "metadata", "overrides"):
            at = at.get(key) if isinstance(at, Mapping) else None
        found.update(at if isinstance(at, Mapping) else {})
    return found


def _plans_and_manifests(folder: Path) -> Iterator[Facts]:
    documents = {file: read_json(file, file.name)[0] for file in sorted(folder.glob("*.json"))}
    planned = [file for file, document in documents.items() if plans.is_plan(document)]
    yield from (plans.facts(documents[file], file.name) for file in planned)
    if not planned or set(folder.iterdir()) - {*planned}:
        yield _manifests(folder, planned)


def _manifests(folder: Path, planned: Sequence[Path]) -> Facts:
    found, problems = kubernetes.manifests(folder, but=planned)
    if not any(resource.type.startswith("k8s.") or resource.type == "pipeline" for resource in found):
        problems.append(
            Problem(str(folder), 0, "", "there is nothing to judge here", next="give a cdktf.out, a stack, a plan or manifests")
        )
    return Facts(folder.resolve().name, tuple(found), problems=tuple(problems))


def _file(path: Path, given: Given) -> Facts:
    """One file: a plan, a stack's JSON, or manifests."""
    if path.suffix in (".yaml", ".yml"):
        found, problems = kubernetes.manifest(path, path.name)
        return Facts(path.stem, tuple(found), problems=tuple(problems))
    document, text, problems = read_json(path, path.name)
    if problems:
        return Facts(path.stem, (), problems=tuple(problems))
    if plans.is_plan(document):
        return plans.facts(document, path.name)
    if isinstance(document, Mapping) and {"apiVersion", "kind"} <= document.keys():
        found, problems = kubernetes.manifest(path, path.name)
        return Facts(path.stem, tuple(found), problems=tuple(problems))
    if not isinstance(document, Mapping) or not BLOCKS & document.keys():
        return _problem(path, "is neither a stack nor a plan nor a manifest")
    return _facts(path.resolve().parent.name, [Source(path.name, document, text)], given, path.parent)


def _complete(facts: Facts) -> Facts:
    """The same with Helm values merged, the objects inside releases, and the flows through gateways."""
    problems = list(facts.problems)
    found: list[Resource] = []
    for resource in facts.resources:
        if resource.type == "helm_release":
            resource, wrong = helm.merged(resource)
            problems += wrong
        found += [resource, *kubernetes.carried(resource)]
    found = list(kubernetes.unique([*found, *gateway.flows(found)]))
    return replace(facts, resources=tuple(found), problems=tuple(problems))
