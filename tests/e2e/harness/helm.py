"""Releases in the hands of the real Helm.

The Helm provider 3.1.2 embeds Helm 3.18.5: it merges changes on the client's side and waits as that version does. The flags that
make Helm 4 do the same stand here. A release is what the provider is given: the arguments of a `helm_release`.
"""

import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from blueprint.rehearsal.standin.values import Json


class HelmError(Exception):
    """Helm refused; `detail` is what it said."""

    def __init__(self, summary: str, detail: str) -> None:
        super().__init__(f"{summary}: {detail}")
        self.summary, self.detail = summary, detail


@dataclass(frozen=True)
class Helm:
    """Helm on one cluster. What it keeps for itself lies beside the kubeconfig, not at home. Every method raises HelmError when Helm
    does not succeed."""

    program: Path
    kubeconfig: Path

    def installed(self) -> set[str]:
        """The names of all releases."""
        return set(self._run("list", "--all-namespaces", "--short")[0].split())

    def apply(self, release: Json, write_only: Iterable[str] = ()) -> list[str]:
        """Install a release, or upgrade it, with its values exactly as given; returns what Helm and the API server warned about."""
        switches = {"--rollback-on-failure": "atomic", "--reuse-values": "reuse_values", "--create-namespace": "create_namespace"}
        chosen = [flag for flag, argument in switches.items() if release.get(argument)]
        options = [*_waiting(release), "--server-side=false", f"--history-max={release['max_history']}", *chosen]
        with _files(release["values"] or []) as values:
            given = [*_each("--values", values), *_each("--set", write_only)]
            _, said = self._run("upgrade", "--install", release["name"], release["chart"], *options, *given, *_place(release))
        return [line for line in said.splitlines() if line.strip()]

    def uninstall(self, release: Json) -> None:
        self._run("uninstall", "--ignore-not-found", release["name"], *_waiting(release), *_place(release))

    def _run(self, *arguments: str) -> tuple[str, str]:
        """What it said on stdout and stderr."""
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(self.kubeconfig.parent), "KUBECONFIG": str(self.kubeconfig)}
        done = subprocess.run([self.program, *arguments], capture_output=True, text=True, env=environment)
        if done.returncode:
            raise HelmError(f"helm {' '.join(arguments[:3])} failed", done.stderr.strip())
        return done.stdout, done.stderr


def _waiting(release: Json) -> list[str]:
    return [f"--wait={'legacy' if release['wait'] else 'hookOnly'}", f"--timeout={release['timeout']}s"]


def _place(release: Json) -> list[str]:
    return ["--namespace", release["namespace"]]


@contextmanager
def _files(documents: Sequence[str]) -> Iterator[list[str]]:
    """One file per document; Helm merges them in this order."""
    with TemporaryDirectory() as folder:
        files = [Path(folder, f"{number}.yaml") for number in range(len(documents))]
        for file, document in zip(files, documents, strict=True):
            file.write_text(document)
        yield [str(file) for file in files]


def _each(option: str, values: Iterable[str]) -> list[str]:
    return [part for value in values for part in (option, value)]
