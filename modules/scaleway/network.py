"""The network: one private network for nodes and database, and one gateway through which everything leaves.

The gateway translates addresses and filters nothing: what may leave is decided by network policies alone. Replacing the
network replaces the cluster; without the gateway nodes lose their control plane.
"""

from blueprint.environment import Environment
from modules.resources.base import Ref
from modules.resources.engine import Part
from modules.resources.scaleway.network import GatewayAddress, GatewayNetwork, Ipv4Subnet, PrivateNetwork, PublicGateway, Vpc
from modules.scaleway.base import ScalewayPart


class Network(ScalewayPart):
    """`address` is where the environment's traffic comes from, as everyone else sees it."""

    def __init__(self, scope: Part, env: Environment) -> None:
        super().__init__(scope, "network", env)
        network = self.cluster.network
        vpc = self.add("vpc", Vpc(**self.regional(env.name), tags=self.tags))
        subnet = Ipv4Subnet(subnet=str(network.address_space))
        self.network = self.add("network", PrivateNetwork(**self.regional(env.name), vpc_id=vpc.id, ipv4_subnet=subnet, tags=self.tags))
        address = self.add("address", GatewayAddress(zone=self.cluster.zone, project_id=self.project, tags=self.tags))
        self.address = Ref(address.ref("address"))
        gateway = self.add("gateway", PublicGateway(**self.zonal(env.name), type=network.gateway, ip_id=address.id, tags=self.tags))
        behind = GatewayNetwork(gateway_id=gateway.id, private_network_id=self.network.id, zone=self.cluster.zone)
        self.way_out = self.add("way-out", behind)
