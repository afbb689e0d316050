"""Weights come from object storage in the zone, are checked, and only then does the engine start.

Beside each model's files lies SHA256SUMS. A file that is missing, changed or not listed stops the pod before vLLM sees it;
with `weights_digest` in the environment the list itself is pinned too. The copy lies on the node's own disk and survives a
restart of the container.
"""

from typing import Any

from modules.manifests.objects import RESTRICTED_CONTAINER, credential_variables, variables
from modules.serving.deployment import Deployment

IMAGE = "docker.io/rclone/rclone:1.75.1"
PATH = "/weights"

# Names reach the shell as variables, never as text. `rclone checksum` fails on files that differ, are missing or unlisted.
SCRIPT = f"""set -eu
rclone copy "$WEIGHTS" {PATH} --transfers 8 --multi-thread-streams 8 --stats 30s --stats-one-line --stats-log-level NOTICE
if [ -n "$WEIGHTS_SHA256" ]; then echo "$WEIGHTS_SHA256  {PATH}/SHA256SUMS" | sha256sum -c -; fi
rclone checksum sha256 {PATH}/SHA256SUMS {PATH} --exclude /SHA256SUMS
"""


def init_container(deployment: Deployment) -> dict[str, Any]:
    """Copies and verifies; uses the identity that may read weights and nothing else."""
    store, wish = deployment.cluster.object_store, deployment.wish
    environment = {
        **store.rclone,
        "RCLONE_CONFIG": "/dev/null",
        "WEIGHTS": f"{store.weights}/{wish.model}/{wish.format}",
        "WEIGHTS_SHA256": (wish.weights_digest or "").removeprefix("sha256:"),
    }
    return {
        "name": "weights",
        "image": deployment.cluster.image(IMAGE),
        "command": ["sh", "-c", SCRIPT],
        "env": [*variables(environment), *credential_variables(store.weights_identity)],
        "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "4Gi"}},
        "securityContext": RESTRICTED_CONTAINER,
        "volumeMounts": [{"name": "weights", "mountPath": PATH}],
    }
