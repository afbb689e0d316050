"""How long an answer of the decision layer takes, interpreter start included: `python -m benchmarks.decision`.

Each command is a process of its own, as a person starts it; the fastest of several rounds is least disturbed by other work on the
machine. `python -c pass` is the floor nobody can go below.
"""
