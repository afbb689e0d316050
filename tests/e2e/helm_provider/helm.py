"""One release in the hands of the real Helm.

The Helm provider 3.1.2 embeds Helm 3.18.5: it merges changes on the client's side and waits as that version does. The flags that
make Helm 4 do the same stand here.
"""

import subprocess
from collections.abc import Iterator, Sequence
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
    """A release by name and namespace. Every method raises HelmError when Helm does not succeed."""

    program: Path
    kubeconfig: Path
    namespace: str
    name: str

    def is_installed(self) -> bool:
        return self._run("list", "--short", "--filter", f"^{self.name}$").strip() == self.name

    def apply(self, release: Json, write_only: Sequence[str] = ()) -> None:
        """Install a release, or upgrade it, with its values exactly as given."""
        switches = {"--rollback-on-failure": "atomic", "--reuse-values": "reuse_values", "--create-namespace": "create_namespace"}
        chosen = [flag for flag, argument in switches.items() if release.get(argument)]
        options = [*_waiting(release), "--server-side=false", f"--history-max={release['max_history']}", *chosen]
        with _files(release["values"] or []) as values:
            self._run("upgrade", "--install", self.name, release["chart"], *options, *values, *_each("--set", write_only))

    def uninstall(self, release: Json) -> None:
        self._run("uninstall", "--ignore-not-found", self.name, *_waiting(release))

    def _run(self, command: str, *arguments: str) -> str:
        place = ["--kubeconfig", str(self.kubeconfig), "--namespace", self.namespace]
        done = subprocess.run([self.program, command, *arguments, *place], capture_output=True, text=True)
        if done.returncode:
            raise HelmError(f"helm {command} {self.name} in {self.namespace} failed", done.stderr.strip())
        return done.stdout


def _waiting(release: Json) -> list[str]:
    return [f"--wait={'legacy' if release['wait'] else 'hookOnly'}", f"--timeout={release['timeout']}s"]


@contextmanager
def _files(documents: Sequence[str]) -> Iterator[list[str]]:
    """One file per document; Helm merges them in this order."""
    with TemporaryDirectory() as folder:
        files = [Path(folder, f"{number}.yaml") for number in range(len(documents))]
        for file, document in zip(files, documents, strict=True):
            file.write_text(document)
        yield _each("--values", map(str, files))


def _each(option: str, values: Iterator[str] | Sequence[str]) -> list[str]:
    return [part for value in values for part in (option, value)]
