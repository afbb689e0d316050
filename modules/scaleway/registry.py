"""The private registry: every image and chart the environment runs comes from here, under its upstream path."""

from blueprint.environment import Environment
from modules.resources.base import Ref
from modules.resources.engine import Added, Part
from modules.resources.scaleway.data import RegistryNamespace
from modules.resources.scaleway.security import ApiKey
from modules.scaleway.base import ScalewayPart
from modules.scaleway.identities import Identities, secret_key

USER = "nologin"  # the registry looks at the password only


class Registry(ScalewayPart):
    """`host` is known before the registry exists, so that image names are literals."""

    def __init__(self, scope: Part, env: Environment, identities: Identities) -> None:
        super().__init__(scope, "registry", env)
        name = env.unique_name()
        self.domain = f"rg.{self.cluster.region}.scw.cloud"
        self.host = f"{self.domain}/{name}"
        self.add("namespace", RegistryNamespace(**self.regional(name)))
        self._key: Added[ApiKey] = identities.key("registry", "pulls images", ["ContainerRegistryReadOnly"])

    @property
    def login(self) -> Ref:
        """Docker's configuration file with the login in it, base64."""
        key = secret_key(self._key)[2:-1]
        login = f'{{"auths" = {{"{self.domain}" = {{"username" = "{USER}", "password" = {key}}}}}}}'
        return Ref(f"${{base64encode(jsonencode({login}))}}")

    @property
    def helm_login(self) -> dict[str, str]:
        """The same for Helm, which fetches charts."""
        return {"url": f"oci://{self.host}", "username": USER, "password": secret_key(self._key)}
