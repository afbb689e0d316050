"""How long policies take: beside checkov's own import, for the shipped environments, and for large plans.

    python -m benchmarks.policies [--rounds 5]

Every round runs each process once, in turn; the table shows medians, so that a busy machine slows all alike. Times without checkov
are taken in a process each that has read the tables and nothing else.
"""
