"""Commands, one file each, and groups of them (`images lock`); `blueprint/cli/__init__.py` finds them by their file's name."""
