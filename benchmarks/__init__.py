"""The figures the documentation quotes, each one command: `python -m benchmarks.<name>`."""
