"""The key everything is encrypted with, and secrets: made by Terraform, written once, kept in neither plan nor state.

`data_wo` takes a fresh random value at every apply and is only sent when its version changes. Losing the key means losing what
it encrypted; Key Manager refuses to delete it while it is protected.
"""

from blueprint.environment import Environment
from modules.resources.base import Ref
from modules.resources.engine import Added, Part
from modules.resources.scaleway.security import EphemeralSecretVersion, Key, Secret, SecretVersion
from modules.scaleway.base import ScalewayPart

# Two random UUIDs (122 bits each) behind a prefix that satisfies PostgreSQL's and everyone else's character classes.
RANDOM = Ref('${"Aa1-${uuid()}-${uuid()}"}')


class Vault(ScalewayPart):
    """Secrets carry the environment's name: Secret Manager knows one namespace per project."""

    def __init__(self, scope: Part, env: Environment) -> None:
        super().__init__(scope, "vault", env)
        unprotected = not self.cluster.deletion_lock
        self.key = self.add("key", Key(**self.regional(env.name), unprotected=unprotected, tags=self.tags))
        # ids read `<region>/<uuid>`; object storage wants the second half
        self.key_id = Ref(f'${{element(split("/", {self.key.address}.id), 1)}}')

    def generate(self, name: str, purpose: str) -> Added[SecretVersion]:
        """A random secret that only Secret Manager knows."""
        return self.store(name, RANDOM, purpose)

    def store(self, name: str, value: Ref, purpose: str, version: int = 1) -> Added[SecretVersion]:
        """A secret with this value, written again when `version` changes."""
        secret = Secret(**self.regional(self.named(name)), description=purpose, protected=self.cluster.deletion_lock, tags=self.tags)
        holder = self.add(f"secret-{name}", secret)
        written = SecretVersion(secret_id=holder.id, region=self.cluster.region, data_wo=value, data_wo_version=version)
        return self.add(f"value-{name}", written)

    def name_of(self, name: str) -> str:
        """What External Secrets finds a secret by."""
        return f"name:{self.named(name)}"

    def read(self, name: str, secret: Added[SecretVersion]) -> Ref:
        """A secret's value for another write-only argument."""
        fetched = EphemeralSecretVersion(secret_id=secret.ref("secret_id"), region=self.cluster.region)
        return self.add(f"read-{name}", fetched).ref("data")
