"""Hosted models: Managed Inference, one dedicated deployment per use case, operated by Scaleway in the environment's region.

The gateway calls the public endpoint, with a key that works from the environment's own address only. A private endpoint exists
but shows a certificate of its own that Terraform cannot read (Scaleway's how-to on private networks), so it could not be checked.
"""

from blueprint.catalog import load_catalog
from blueprint.environment import Api, Environment
from modules.resources.base import Ref
from modules.resources.engine import Added, Part
from modules.resources.scaleway.data import InferenceDeployment, InferenceModel
from modules.resources.scaleway.security import ApiKey
from modules.scaleway.base import ScalewayPart
from modules.scaleway.identities import Identities
from modules.scaleway.network import Network


class Inference(ScalewayPart):
    """`hosts` are the endpoints' names by use case, known after apply."""

    def __init__(self, scope: Part, env: Environment, network: Network, identities: Identities) -> None:
        super().__init__(scope, "inference", env)
        self.hosts = {name: self._deploy(name, api) for name, api in env.apis.items()}
        here = Ref(f"request.ip == '{network.address}'")
        self.key: Added[ApiKey] = identities.key("gateway", "calls hosted models", ["InferenceReadOnly"], here)

    def _deploy(self, name: str, api: Api) -> Ref:
        model = self.add(f"model-{name}", InferenceModel(name=api.model))
        node_type = load_catalog().apis[api.provider].models[api.model].node_type
        assert node_type is not None, f"{api.model} has no node type; validation refuses it"
        deployment = InferenceDeployment(**self.regional(self.named(name)), model_id=model.id, node_type=node_type, tags=self.tags)
        url = self.add(name, deployment).ref("public_endpoint[0].url")[2:-1]
        return Ref(f'${{element(split("/", {url}), 2)}}')
