"""Who acts for the environment: one IAM application per purpose, each with a policy and a key that expires.

Scaleway cannot trust a Kubernetes service account, so pods carry static keys. A key's secret half is in the Terraform state
(the provider offers no other way); pods get it through Secret Manager. `cluster.keys_expire` is the day all keys end: a new
date makes new keys and writes them everywhere.
"""

from blueprint.environment import Environment
from modules.resources.base import Ref, Text
from modules.resources.engine import Added, Part
from modules.resources.scaleway.security import ApiKey, Application, Policy, Rule
from modules.scaleway.base import ScalewayPart


class Identities(ScalewayPart):
    """`revision` changes with the date: whatever copies a key is written again then."""

    def __init__(self, scope: Part, env: Environment) -> None:
        super().__init__(scope, "identities", env)
        self.revision = int(f"{self.cluster.keys_expire:%Y%m%d}")

    def key(self, name: str, purpose: str, permissions: list[str], condition: Text | None = None) -> Added[ApiKey]:
        """A key that may do this in the project, and nothing else; `condition` is an IAM expression on the request."""
        application = self.add(f"{name}-application", Application(name=self.named(name), description=purpose, tags=self.tags))
        rule = Rule(project_ids=[self.project], permission_set_names=permissions, condition=condition)
        policy = Policy(name=self.named(name), description=purpose, application_id=application.id, rule=[rule], tags=self.tags)
        allowed = self.add(f"{name}-policy", policy)
        expires = f"{self.cluster.keys_expire}T00:00:00Z"
        key = ApiKey(application_id=application.id, description=purpose, default_project_id=self.project, expires_at=expires)
        return self.add(f"{name}-key", key, depends_on=[allowed])


def access_key(key: Added[ApiKey]) -> Ref:
    return key.ref("access_key")


def secret_key(key: Added[ApiKey]) -> Ref:
    return key.ref("secret_key")
