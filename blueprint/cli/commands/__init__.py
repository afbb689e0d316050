"""Groups of commands, one file each; `blueprint/cli/__init__.py` finds them by folder."""
