"""How long an answer of the decision layer takes, interpreter start included: `python -m benchmarks.decision`.

Each command is a process of its own, as a person starts it; commands take turns, and the fastest of several rounds is least disturbed
by other work on the machine, and processor time less still. Two floors stand beside them: Python itself, and the libraries every command
imports.
"""
