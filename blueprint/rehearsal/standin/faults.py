"""Trouble on request, through environment variables.

STANDIN_FAIL_APPLY=3               the third change of a run fails (create, update and delete count, per provider)
STANDIN_FAIL_APPLY=azurerm_subnet  every change fails whose `type.name` matches; * and ? as in file names
STANDIN_DELAY_MS=500               every change takes that long
STANDIN_DRIFT=azurerm_key_vault.*  whatever matches was deleted behind Terraform's back when it is next read
"""

import os
import threading
from fnmatch import fnmatchcase


class Faults:
    """The faults asked for; `stop` cuts delays short."""

    def __init__(self) -> None:
        self._changes = 0
        self._counting = threading.Lock()
        self._stopped = threading.Event()

    def delay(self) -> None:
        self._stopped.wait(int(os.environ.get("STANDIN_DELAY_MS", "0")) / 1000)

    def stop(self) -> None:
        self._stopped.set()

    def refuses(self, kind: str, name: str) -> bool:
        """Whether this change is to fail; counts it."""
        with self._counting:
            self._changes += 1
            number = self._changes
        wanted = os.environ.get("STANDIN_FAIL_APPLY", "")
        return int(wanted) == number if wanted.isdigit() else _matches(wanted, kind, name)

    def loses(self, kind: str, name: str) -> bool:
        """Whether this thing was deleted out of band."""
        return _matches(os.environ.get("STANDIN_DRIFT", ""), kind, name)


def _matches(pattern: str, kind: str, name: str) -> bool:
    return bool(pattern) and (fnmatchcase(f"{kind}.{name}", pattern) or fnmatchcase(kind, pattern))
