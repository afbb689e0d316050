"""Uploads a folder to Azure storage with rclone, the tool the pods download it with, as whoever `az login` says we are.

boto3 does not speak to Azure. Where rclone is missing, the commands are printed instead: nothing is uploaded by halves.
"""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from blueprint.errors import BlueprintError
from blueprint.objectstore import Refused
from blueprint.weights.destination import Destination


def push(folder: Path, destination: Destination) -> None:
    """Copy what differs, then compare both sides file by file; rclone goes on where it was interrupted, and shows progress.

    Raises:
        BlueprintError: rclone is not there.
        Refused: rclone or the store said no, or something lies there that is not ours.
    """
    commands = _commands(folder, destination)
    if shutil.which("rclone") is None:
        settings = [f"export {name}={shlex.quote(value)}" for name, value in _settings(destination).items()]
        lines = "\n".join([*settings, *map(shlex.join, commands)])
        raise BlueprintError(f"rclone is not on PATH; SHA256SUMS is written, nothing is uploaded\n{lines}", "install rclone, or run these")
    for command in commands:
        if subprocess.run(command, env={**os.environ, **_settings(destination)}).returncode:
            step = "az login, from inside the environment's network; a file that is not in the folder has to be removed there first"
            raise Refused(f"`{shlex.join(command)}` failed", step)


def _commands(folder: Path, destination: Destination) -> list[list[str]]:
    target = f"store:{destination.path}"
    hidden = ["--exclude", ".*", "--exclude", ".*/**"]
    copy = ["rclone", "copy", str(folder), target, "--checksum", "--copy-links", "--progress", "--transfers", "4", *hidden]
    return [copy, ["rclone", "check", str(folder), target, "--copy-links", *hidden]]


def _settings(destination: Destination) -> dict[str, str]:
    """The pods' configuration, without a file of the user's own that might say something else."""
    return {**destination.rclone, "RCLONE_CONFIG": os.devnull}
