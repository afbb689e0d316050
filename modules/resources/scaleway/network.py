"""Networks and the way out."""

from typing import ClassVar, Literal

from modules.resources.base import Block, Ref, Resource
from modules.resources.scaleway.base import Regional, Zonal


class Vpc(Regional):
    terraform_type: ClassVar[str] = "scaleway_vpc"

    tags: list[str]


class Ipv4Subnet(Block):
    subnet: str


class PrivateNetwork(Regional):
    terraform_type: ClassVar[str] = "scaleway_vpc_private_network"

    vpc_id: Ref
    ipv4_subnet: Ipv4Subnet
    tags: list[str]


class GatewayAddress(Resource):
    """The one address everything leaves from."""

    terraform_type: ClassVar[str] = "scaleway_vpc_public_gateway_ip"

    zone: str
    project_id: str
    tags: list[str]


class PublicGateway(Zonal):
    """Nobody logs in through it (no bastion), and it sends no mail."""

    terraform_type: ClassVar[str] = "scaleway_vpc_public_gateway"

    type: Literal["VPC-GW-S", "VPC-GW-M", "VPC-GW-L", "VPC-GW-XL"]
    ip_id: Ref
    bastion_enabled: bool = False
    enable_smtp: bool = False
    tags: list[str]


class Ipam(Block):
    push_default_route: bool = True


class GatewayNetwork(Resource):
    """Puts a network behind a gateway. Nodes without an address of their own cannot live without it."""

    terraform_type: ClassVar[str] = "scaleway_vpc_gateway_network"

    gateway_id: Ref
    private_network_id: Ref
    zone: str
    enable_masquerade: bool = True
    ipam_config: Ipam = Ipam()
