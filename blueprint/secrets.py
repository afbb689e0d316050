"""The secrets an environment runs on. Where the target cannot make them, somebody puts them into the secret store first."""

from collections.abc import Mapping
from dataclasses import dataclass

from blueprint.environment import Environment

VALUE = "value"
WEIGHTS, ARTIFACTS, DATABASE_PASSWORD = "weights-reader", "artifacts-writer", "mlflow-database-password"
# Environment variable of S3 clients → the property of the secret that holds it.
ACCESS_KEYS: Mapping[str, str] = {"AWS_ACCESS_KEY_ID": "access_key", "AWS_SECRET_ACCESS_KEY": "secret_key"}


@dataclass(frozen=True)
class Secret:
    """One secret: its name, its properties, and what to put there. Any random text of 40 characters or more is a good value
    where nobody outside the environment gives one."""

    name: str
    purpose: str
    properties: tuple[str, ...] = (VALUE,)


def required(env: Environment) -> list[Secret]:
    """Every secret of an environment whose services are somebody else's, in the order of their names."""
    keys = tuple(ACCESS_KEYS.values())
    given = [
        Secret(WEIGHTS, "keys that may read the bucket of the weights", keys),
        Secret(ARTIFACTS, "keys that may write the bucket of the artifacts", keys),
        Secret(DATABASE_PASSWORD, "the password of MLflow's database user"),
        *(Secret(name, "what whoever hears of alerts asks for: a token or a password") for name in env.monitoring.secrets()),
    ]
    random = {
        "ai-gateway-session-seed": "random",
        "grafana-admin-password": "random",
        **{f"model-{name}-api-key": "random" for name in env.models},
        **{f"team-{name}-api-key": f"random; the key of team {name}" for name in env.gateway.teams},
    }
    return sorted([*given, *(Secret(name, purpose) for name, purpose in random.items())], key=lambda secret: secret.name)
