"""Dashboards with data in them: some hours of the stand-ins' life in a genuine Prometheus, and pictures of every panel.

python -m tests.e2e.dashboards [FOLDER]
"""
