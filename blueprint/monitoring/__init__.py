"""What an environment is watched for: recordings, alerts and objectives as data (docs/decisions/0018).

The data is `modules/monitoring/{recordings,alerts,slos}/*.yaml`; what it becomes for one environment are plain Prometheus rule
groups. Neither Terraform nor a cluster is needed to list, render or test them.
"""

from blueprint.monitoring.models import Alert, Objective, Parameter, Recording, Recordings
from blueprint.monitoring.reading import FOLDER, Rules, load
from blueprint.monitoring.rendering import Group, Rule, groups, rule_file, runbook

__all__ = [
    "FOLDER",
    "Alert",
    "Group",
    "Objective",
    "Parameter",
    "Recording",
    "Recordings",
    "Rule",
    "Rules",
    "groups",
    "load",
    "rule_file",
    "runbook",
]
