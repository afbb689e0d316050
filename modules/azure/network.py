"""The environment's network: private subnets, one way out through a firewall, private endpoints as the way in to services.

Changing `address_space` replaces the network and everything in it.
"""

from ipaddress import IPv4Network
from typing import Any

from modules.azure.base import Azure, AzurePart, parse_id
from modules.azure.firewall import Firewall
from modules.resources.azurerm.network import (
    Delegation,
    DnsZoneGroup,
    NetworkSecurityGroup,
    NetworkSecurityRule,
    PrivateConnection,
    PrivateDnsLink,
    PrivateDnsZone,
    PrivateEndpoint,
    Route,
    RouteTable,
    ServiceDelegation,
    Subnet,
    SubnetRouteTable,
    SubnetSecurityGroup,
    VirtualNetwork,
    VirtualNetworkPeering,
)
from modules.resources.base import Ref, Text
from modules.resources.engine import Added, Part


class Network(AzurePart):
    """Subnets are quarters of the address space: the first for nodes, the second cut further for everything else."""

    def __init__(self, scope: Part, azure: Azure) -> None:
        super().__init__(scope, "network", azure)
        self.routed: list[Added[Any]] = []
        self._zones: dict[str, Added[PrivateDnsZone]] = {}
        space = self.azure.cluster.network.address_space
        nodes, rest = list(space.subnets(prefixlen_diff=2))[:2]
        endpoints, database, api_server, firewall = list(rest.subnets(prefixlen_diff=2))
        self.cidrs = {"nodes": str(nodes), "endpoints": str(endpoints), "database": str(database), "api-server": str(api_server)}
        self.vnet = self.add("vnet", VirtualNetwork(**self.located(self.named("vnet")), address_space=[str(space)]))
        self.nodes = self._subnet("nodes", nodes)
        self.endpoints = self._subnet("endpoints", endpoints)
        self.database = self._subnet("database", database, "Microsoft.DBforPostgreSQL/flexibleServers")
        self.api_server = self._subnet("api-server", api_server, "Microsoft.ContainerService/managedClusters")
        self._guard_endpoints()
        self._peer()
        self.routes = None if self.azure.cluster.isolated else self._route_out(firewall)

    def _subnet(self, name: str, cidr: IPv4Network, delegate: str | None = None) -> Added[Subnet]:
        delegation = Delegation(name=name, service_delegation=ServiceDelegation(name=delegate)) if delegate else None
        subnet = Subnet(
            name="AzureFirewallSubnet" if name == "firewall" else name,
            resource_group_name=self.azure.group.ref("name"),
            virtual_network_name=self.vnet.ref("name"),
            address_prefixes=[str(cidr)],
            delegation=delegation,
        )
        return self.add(f"subnet-{name}", subnet)

    def _guard_endpoints(self) -> None:
        """Private endpoints answer to HTTPS from this network and its peers, to nothing else."""
        group = self.add("endpoints-nsg", NetworkSecurityGroup(**self.located(self.named("nsg-endpoints"))))
        place = {"resource_group_name": self.azure.group.ref("name"), "network_security_group_name": group.ref("name")}
        allow = NetworkSecurityRule(
            **place,
            name="https-from-network",
            priority=100,
            direction="Inbound",
            access="Allow",
            protocol="Tcp",
            source_address_prefix="VirtualNetwork",
            destination_port_range="443",
        )
        deny = NetworkSecurityRule(
            **place, name="nothing-else", priority=4096, direction="Inbound", access="Deny", protocol="*", source_address_prefix="*"
        )
        self.add("endpoints-allow", allow)
        self.add("endpoints-deny", deny)
        self.add("endpoints-guarded", SubnetSecurityGroup(subnet_id=self.endpoints.id, network_security_group_id=group.id))

    def _peer(self) -> None:
        for name, peer in self.azure.cluster.network.peers.items():
            there = parse_id(peer)
            self._peering(f"to-{name}", self.azure.group.ref("name"), self.vnet.ref("name"), peer)
            self._peering(f"from-{name}", there["resourceGroups"], there["virtualNetworks"], self.vnet.id)

    def _peering(self, name: str, group: Text, network: Text, remote: Text) -> None:
        peering = VirtualNetworkPeering(
            name=f"{self.env.name}-{name}", resource_group_name=group, virtual_network_name=network, remote_virtual_network_id=remote
        )
        self.add(f"peering-{name}", peering)

    def _route_out(self, firewall_cidr: IPv4Network) -> Added[RouteTable]:
        existing = self.azure.cluster.existing_firewall_ip
        next_hop = str(existing) if existing else self._firewall(firewall_cidr).private_ip
        table = self.add("routes", RouteTable(**self.located(self.named("rt"))))
        route = Route(
            name="out-through-firewall",
            resource_group_name=self.azure.group.ref("name"),
            route_table_name=table.ref("name"),
            address_prefix="0.0.0.0/0",
            next_hop_in_ip_address=next_hop,
        )
        self.routed = [
            self.add("route-out", route),
            self.add("nodes-routed", SubnetRouteTable(subnet_id=self.nodes.id, route_table_id=table.id)),
        ]
        return table

    def _firewall(self, cidr: IPv4Network) -> Firewall:
        return Firewall(self, self.azure, self._subnet("firewall", cidr), sources=[self.cidrs["nodes"]])

    def zone(self, name: str, domain: str) -> Added[PrivateDnsZone]:
        """A private DNS zone, resolved here and in every peer; there is one per domain."""
        if domain in self._zones:
            return self._zones[domain]
        private = PrivateDnsZone(name=domain, resource_group_name=self.azure.group.ref("name"), tags=self.azure.tags)
        zone = self._zones[domain] = self.add(f"dns-{name}", private)
        networks: dict[str, Text] = {self.env.name: self.vnet.id, **self.azure.cluster.network.peers}
        for network, network_id in networks.items():
            link = PrivateDnsLink(name=network, private_dns_zone_id=zone.id, virtual_network_id=network_id, tags=self.azure.tags)
            self.add(f"dns-{name}-in-{network}", link)
        return zone

    def endpoint(self, name: str, target: Ref, subresource: str, domain: str) -> Added[PrivateEndpoint]:
        """A service's private address in this network, under its usual name."""
        zone = self.zone(domain.split(".")[1], domain)
        endpoint = PrivateEndpoint(
            **self.located(self.named(f"pe-{name}")),
            subnet_id=self.endpoints.id,
            private_service_connection=PrivateConnection(name=name, private_connection_resource_id=target, subresource_names=[subresource]),
            private_dns_zone_group=DnsZoneGroup(name=name, private_dns_zone_ids=[zone.id]),
        )
        return self.add(f"endpoint-{name}", endpoint)
