"""Policies: one rule per file, found by its name (`rNN_*.py`). `residency/` where data may be, `security/` who reaches it,
`operations/` how changes are made. checkov loads the same folder: `--external-checks-dir policies`.
"""
