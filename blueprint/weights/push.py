"""One push, top to bottom: find the folder and its destination, read the files, upload what is not there, verify, say the digest."""

import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from blueprint.environment import Environment
from blueprint.errors import BlueprintError
from blueprint.objectstore import Refused
from blueprint.synthesized import synthesize
from blueprint.weights import azure, destination, folder
from blueprint.weights.destination import Destination
from blueprint.weights.folder import File
from blueprint.weights.s3 import Uploader

FOLDER = Path("weights")


def push(env: Environment, what: str) -> None:
    """`what` is a model deployment of the environment or a folder `…/<model>/<format>`. Prints the digest for `weights_digest`.

    Raises:
        BlueprintError: there is no such deployment or folder, or no tool for its store.
        Refused: the store is outside the zone, said no, or kept something else.
    """
    source, model, form = locate(env, what)
    target = destination.find(env, synthesize(env.name), model, form)
    paths = folder.names(source)
    with _progress() as progress:
        task = progress.add_task("read", total=sum(path.stat().st_size for path in paths))
        files = [folder.read(source, path, lambda count: progress.advance(task, count)) for path in paths]
    text = folder.sums(files)
    (source / folder.SUMS).write_text(text, encoding="utf-8")
    if target.kind == "s3":
        sent = upload(Uploader.to(target), files, text)
        print(f"{sent} of {len(files)} files sent to {target.endpoint}/{target.path}; all of them verified there")
    elif target.kind == "azureblob":
        azure.push(source, target)
        print(f"{len(files)} files are in {_account(target)}/{target.path} as they are here")
    else:
        raise BlueprintError(f"weights of {env.name} lie in a store of kind {target.kind!r}, which we cannot write to")
    print(f"weights_digest: {folder.digest(text)}")


def locate(env: Environment, what: str) -> tuple[Path, str, str]:
    """Folder, model and format."""
    if (deployment := env.models.get(what)) is not None:
        return FOLDER / deployment.model / deployment.format, deployment.model, deployment.format
    path = Path(what).resolve()
    served = {(deployment.model, deployment.format) for deployment in env.models.values()}
    if (path.parent.name, path.name) in served:
        return path, path.parent.name, path.name
    folders = ", ".join(sorted(f"…/{model}/{form}" for model, form in served))
    raise BlueprintError(
        f"{what} is no model deployment of {env.name} and no folder of one", f"name one of {', '.join(env.models)}, or {folders}"
    )


def upload(uploader: Uploader, files: list[File], text: str) -> int:
    """Everything, the list last; how many files had to be sent. Raises Refused."""
    if strangers := uploader.strangers({file.name for file in files}):
        where = f"{uploader.bucket}/{uploader.prefix}"
        message = f"{where} holds {len(strangers)} files that are not in the folder, such as {strangers[0]}; pods would refuse to start"
        raise Refused(message, "remove them there, or put them into the folder")
    sent = 0
    with _progress() as progress:
        task = progress.add_task("upload", total=sum(file.size for file in files))
        for file in files:
            progress.update(task, description=file.name)
            sent += uploader.push(file, lambda count: progress.advance(task, count))
    uploader.put_sums(text)
    return sent


def _progress() -> Progress:
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(28),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(file=sys.stderr), transient=True)


def _account(target: Destination) -> str:
    return target.rclone.get(f"{destination.PREFIX}ACCOUNT", "")
