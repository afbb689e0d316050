"""The command line in this process, as the tests of commands call it."""

from collections.abc import Callable

# The words after `blueprint` → exit code, standard output, standard error.
Run = Callable[..., tuple[int, str, str]]
