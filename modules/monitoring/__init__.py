"""What an environment is watched by: monitors say what is scraped, rules what is computed, Alertmanager who hears of it, dashboards
show it.

Recordings, alerts and objectives are data beside this file (docs/decisions/0018-an-alert-is-three-files.md).
"""

from modules.addons import Platform
from modules.clusters.base import Cluster
from modules.manifests import bundle
from modules.monitoring import dashboards
from modules.monitoring.monitors import monitors
from modules.monitoring.rules import rules
from modules.resources.engine import Construct, Part


def install(scope: Construct, cluster: Cluster, platform: Platform) -> None:
    part = Part(scope, "monitoring")
    bundle(part, cluster, "monitors", "monitoring", monitors(cluster), after=platform.ready)
    bundle(part, cluster, "rules", "monitoring", rules(cluster.env, "monitoring"), after=platform.ready)
    bundle(part, cluster, "dashboards", "monitoring", dashboards.config_maps(cluster.env), after=platform.ready)
