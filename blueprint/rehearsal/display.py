"""The rows of a rehearsal: one per step, with its time; the step under way is live on a terminal."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.text import Text

BAR = 28
DETAIL = 48
COLOURS = {"ok": "green", "failed": "red", "stopped": "yellow"}


@dataclass
class Step:
    """One row. `done` of `total` shows as a bar while there is a total."""

    name: str
    detail: str = ""
    state: str = ""
    total: int = 0
    done: int = 0
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    def advance(self) -> None:
        self.done += 1

    def render(self) -> Text:
        """The row as it stands now."""
        seconds = self.seconds or time.monotonic() - self.started
        row = Text("  ")
        row.append(f"{self.name:<10} ", style="bold")
        row.append(f"{self._body():<{DETAIL}}")
        row.append(f" {self.state or '…':<7}", style=COLOURS.get(self.state, "dim"))
        return row.append(f"{seconds:5.1f} s", style="dim")

    def _body(self) -> str:
        if not self.total:
            return self.detail
        filled = BAR * self.done // self.total
        return f"{'█' * filled}{'░' * (BAR - filled)}  {self.done}/{self.total}"


class Display:
    """Shows steps on a console as they happen; a quiet console only remembers them."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.steps: list[Step] = []

    @contextmanager
    def step(self, name: str, detail: str = "") -> Iterator[Step]:
        """A step: `ok` when the block ends, `failed` or `stopped` when it raises."""
        step = Step(name, detail)
        self.steps.append(step)
        try:
            with Live(console=self.console, get_renderable=step.render, transient=True):
                yield step
            step.state = "ok"
        except Exception:
            step.state = "failed"
            raise
        except BaseException:
            step.state = "stopped"
            raise
        finally:
            step.seconds = time.monotonic() - step.started
            self.console.print(step.render(), soft_wrap=True)
