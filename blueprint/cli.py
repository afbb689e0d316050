"""The `blueprint` command. Each command imports what it needs when it runs, so that help and completion stay instant.

Exit codes: 0 fine, 1 findings, 2 wrong use or a crash.
"""

import os
import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from blueprint.environment import Environment
    from blueprint.errors import Problem
    from blueprint.sizing import Sizing

FOLDER = Path("environments")
INTERRUPTED = 130

app = typer.Typer(
    help="Sovereign Inference Blueprint: LLM inference in the EU from one YAML file.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class Format(StrEnum):
    """How a command prints its result."""

    text = "text"
    json = "json"


class Engine(StrEnum):
    """The CDK that synthesizes."""

    cdktf = "cdktf"
    cdktn = "cdktn"


FormatOption = Annotated[Format, typer.Option("--format", help="For people or for programs.")]
EnvironmentArgument = Annotated[str, typer.Argument(metavar="ENV", help="A name (environments/<name>.yaml) or a path.")]


@app.command()
def validate(
    files: Annotated[list[str] | None, typer.Argument(metavar="[ENV]...", help="Names or paths of environments.")] = None,
    all: Annotated[bool, typer.Option("--all", help="Every file in environments/.")] = False,
    format: FormatOption = Format.text,
) -> None:
    """Check environments: all mistakes at once, with line, allowed values and next step."""
    from blueprint.environment import loading

    if bool(files) == all:
        raise typer.BadParameter("name at least one environment, or use --all")
    paths = loading.files(FOLDER) if all else [_path(file) for file in files or []]
    problems = {path: loading.examine(path)[1] for path in paths}
    _print_problems(problems, format)
    if any(problem.severity == "error" for found in problems.values() for problem in found):
        raise typer.Exit(1)


@app.command()
def size(
    environment: EnvironmentArgument,
    name: Annotated[str | None, typer.Argument(metavar="[MODEL]", help="One model deployment; all of them if left out.")] = None,
    format: FormatOption = Format.text,
) -> None:
    """Show what fits on the GPUs: memory term by term, requests at once, engine flags."""
    from blueprint.errors import BlueprintError
    from blueprint.sizing import size_deployment

    env = _load(environment)
    if name is not None and name not in env.models:
        raise BlueprintError(f"{env.name} has no model deployment {name}", f"choose one of {', '.join(env.models)}")
    _print_sizings({key: size_deployment(env, key) for key in ([name] if name else env.models)}, format)


@app.command()
def schema(show: Annotated[bool, typer.Option("--print", help="Print it instead of writing the file.")] = False) -> None:
    """Write environments/environment.schema.json, from which editors know the keys."""
    from blueprint.environment.schema import render
    from blueprint.errors import BlueprintError

    path = FOLDER / "environment.schema.json"
    if show:
        print(render(), end="")
        return
    if not FOLDER.is_dir():
        raise BlueprintError(f"there is no {FOLDER}/ here", "run this in the project's folder, or with --print")
    path.write_text(render(), encoding="utf-8")
    print(f"wrote {path}")


@app.command()
def rehearse(
    environment: EnvironmentArgument,
    engine: Annotated[Engine, typer.Option(help="The CDK to synthesize with.")] = Engine.cdktf,
    terraform: Annotated[str | None, typer.Option(metavar="PATH", help="The Terraform or OpenTofu to use.")] = None,
    keep: Annotated[Path | None, typer.Option(metavar="DIR", help="Leave everything in this new folder.")] = None,
    format: FormatOption = Format.text,
) -> None:
    """Plan, apply and check an environment with the real Terraform and stand-ins for the cloud."""
    from blueprint.rehearsal import report

    if format is Format.text:
        report.tell(_path(environment), engine=engine.value, program=terraform, keep=keep)
        return
    result = report.as_data(_path(environment), engine=engine.value, program=terraform, keep=keep)
    _print_json(result)
    if result["error"]:
        raise typer.Exit(result["error"]["exit_code"])


@app.command()
def standins(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where the stand-ins and their cloud live.")] = Path(".rehearsal"),
) -> None:
    """Set up stand-ins for the cloud; `eval "$(blueprint standins)"` then turns cdktf to them."""
    from blueprint.rehearsal import mirror

    print("\n".join(mirror.exports(folder.resolve())))
    print("cdktf deploys to stand-ins in a shell that takes these lines over; open a new one for the real cloud", file=sys.stderr)


def _path(environment: str) -> Path:
    """A path as it is; a name as its file in environments/."""
    from blueprint.errors import BlueprintError

    if environment.endswith((".yaml", ".yml")) or os.sep in environment:
        return Path(environment)
    path = FOLDER / f"{environment}.yaml"
    if not path.exists():
        known = ", ".join(sorted(other.stem for other in FOLDER.glob("*.yaml")))
        raise BlueprintError(f"there is no {path}", f"choose one of {known}" if known else "run this where environments/ is")
    return path


def _load(environment: str) -> "Environment":
    """The environment, for commands that need a valid one."""
    from blueprint.environment.loading import load

    return load(_path(environment))


def _print_problems(problems: "dict[Path, list[Problem]]", format: Format) -> None:
    found = [problem for each in problems.values() for problem in each]
    errors = sum(problem.severity == "error" for problem in found)
    if format is Format.json:
        files = [
            {
                "file": str(path),
                "valid": all(problem.severity != "error" for problem in each),
                "problems": [problem.as_dict() for problem in each],
            }
            for path, each in problems.items()
        ]
        _print_json({"files": files, "errors": errors, "warnings": len(found) - errors})
        return
    for problem in found:
        print(problem if problem.severity == "error" else replace(problem, message=f"warning: {problem.message}"))
    print(_summary(len(problems), errors, len(found) - errors))


def _summary(files: int, errors: int, warnings: int) -> str:
    said = [_count(errors, "error")] if errors else [f"{_count(files, 'environment')} valid"]
    return ", ".join([*said, *([_count(warnings, "warning")] if warnings else [])])


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _print_sizings(sizings: "dict[str, Sizing]", format: Format) -> None:
    if format is Format.json:
        from dataclasses import asdict

        _print_json({name: asdict(sizing) for name, sizing in sizings.items()})
        return
    from blueprint.sizing import LABELS

    for name, sizing in sizings.items():
        print(f"{name}: {sizing.model} in {sizing.format} on {sizing.flags['tensor_parallel_size']} x {sizing.gpu}: {sizing.verdict}")
        for term, gib in sizing.terms.items():
            print(f"  {LABELS[term]:<16}{gib:>8.2f} GiB")
        print(f"  {sizing.sentence}")
        flags = [f"--{flag.replace('_', '-')} {value}" for flag, value in sizing.flags.items()]
        print(f"  flags: {' '.join(flags)}")
        print(f"  starts within {sizing.startup_seconds} s")


def _print_json(data: object) -> None:
    import json

    print(json.dumps(data, indent=2, ensure_ascii=False))


def main() -> None:
    """Run the command line; whatever happens, a person reads one clear message and no traceback."""
    try:
        app()
    except (KeyboardInterrupt, SystemExit) as stop:
        if isinstance(stop, SystemExit) and stop.code != INTERRUPTED:
            raise
        _stop("interrupted", code=INTERRUPTED)
    except Exception as error:
        if os.environ.get("BLUEPRINT_DEBUG"):
            raise
        _explain(error)


def _explain(error: Exception) -> None:
    from blueprint.errors import BlueprintError

    if isinstance(error, BlueprintError):
        _stop(str(error), error.next_step, error.exit_code)
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "unknown place"
    _stop(f"this is a mistake of ours at {place}: {type(error).__name__}: {error}", "please report it; BLUEPRINT_DEBUG=1 shows all of it")


def _stop(message: str, next_step: str = "", code: int = 2) -> None:
    print(message, file=sys.stderr)
    if next_step:
        print(f"    next: {next_step}", file=sys.stderr)
    raise SystemExit(code)


@app.command()
def preflight(
    environment: EnvironmentArgument,
    evidence: Annotated[Path | None, typer.Option(metavar="DIR", help="Keep the answers in a new file there.")] = None,
    format: FormatOption = Format.text,
) -> None:
    """Check what must be true before a real deploy: quota, sizes, rights, versions, private names.

    BLUEPRINT_LAYER=foundation leaves out what only the first deploy creates. Anything not ok, not run included: exit code 1.
    """
    from blueprint.preflight import report

    layer = report.layer(os.environ.get("BLUEPRINT_LAYER"))
    if format is Format.text:
        ok = report.tell(_load(environment), layer=layer, evidence=evidence)
    else:
        data = report.as_data(_load(environment), layer=layer, evidence=evidence)
        _print_json(data)
        ok = data["ok"]
    if not ok:
        raise typer.Exit(1)


class Platforms(StrEnum):
    """Which platforms of an image a lock names."""

    linux_amd64 = "linux/amd64"
    all = "all"


images = typer.Typer(help="Images and charts: list, lock by digest, mirror into the environment's registry.", no_args_is_help=True)
weights = typer.Typer(help="Model weights in the environment's object store.", no_args_is_help=True)
app.add_typer(images, name="images")
app.add_typer(weights, name="weights")

FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="REGISTRY", help="A registry with all of it, instead of the makers'."),
]
PlainHttpOption = Annotated[bool, typer.Option("--plain-http", help="For a registry on this machine.")]


@app.command()
def bootstrap(
    environment: EnvironmentArgument,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    format: FormatOption = Format.text,
) -> None:
    """Create the storage for Terraform's state, in the zone; a second run changes nothing."""
    from blueprint.bootstrap import bootstrap as run

    report = run(_path(environment), dry_run=dry_run)
    print(report) if format is Format.text else _print_json(report.as_dict())


@images.command("list")
def list_images(environment: EnvironmentArgument, format: FormatOption = Format.text) -> None:
    """Show every image and chart the synthesized environment uses, and which releases use it."""
    from blueprint.images import commands

    commands.show(_load(environment).name, as_json=format is Format.json)


@images.command("lock")
def lock_images(
    environment: EnvironmentArgument,
    source: FromOption = None,
    platform: Annotated[Platforms, typer.Option(help="One platform, or the index of all.")] = Platforms.linux_amd64,
    plain_http: PlainHttpOption = False,
) -> None:
    """Ask for the digest of every image and chart; write environments/<env>.images.lock."""
    from blueprint.images import commands

    commands.write_lock(_load(environment).name, source=source, platform=platform.value, plain_http=plain_http)


@images.command("mirror")
def mirror_images(
    environment: EnvironmentArgument,
    source: FromOption = None,
    target: Annotated[str | None, typer.Option("--to", metavar="REGISTRY", help="Another registry than the environment's.")] = None,
    plain_http: PlainHttpOption = False,
) -> None:
    """Copy what the lock names into the environment's registry, by digest; what is there stays."""
    from blueprint.images import commands

    commands.mirror(_load(environment).name, source=source, target=target, plain_http=plain_http)


@weights.command("push")
def push_weights(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model deployment, or a folder …/<model>/<format>.")],
    environment: Annotated[str, typer.Option("--env", metavar="ENV", help="A name (environments/<name>.yaml).")],
) -> None:
    """Upload weights to where the environment's pods read them; resumable, verified, with SHA256SUMS."""
    from blueprint.weights.push import push

    push(_load(environment), model)


@app.command()
def diff_targets(
    environment: EnvironmentArgument,
    to: Annotated[str, typer.Option(metavar="TARGET", help="The cloud target to move to, such as kapsule.")],
    file: Annotated[
        Path | None, typer.Option("--environment-file", metavar="FILE", help="Whose cluster to take; the nearest shipped one if left out.")
    ] = None,
    format: FormatOption = Format.text,
) -> None:
    """Show what changes when an environment moves to another target: guarantees, cards, cost, resources."""
    from blueprint import diff_targets

    difference = diff_targets.compare(_load(environment), to, FOLDER, file)
    if format is Format.json:
        from dataclasses import asdict

        _print_json(asdict(difference))
        return
    for title, lines in diff_targets.render(difference):
        print(title, *(f"  {line}" for line in lines), "", sep="\n")
