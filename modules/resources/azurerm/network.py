"""Networks, the way out, and private ways in."""

from typing import ClassVar, Literal

from modules.resources.azurerm.base import Located
from modules.resources.base import Block, Ref, Resource, Text


class VirtualNetwork(Located):
    terraform_type: ClassVar[str] = "azurerm_virtual_network"

    address_space: list[str]


class VirtualNetworkPeering(Resource):
    terraform_type: ClassVar[str] = "azurerm_virtual_network_peering"

    name: str
    resource_group_name: Text
    virtual_network_name: Text
    remote_virtual_network_id: Text
    allow_forwarded_traffic: bool = True


class ServiceDelegation(Block):
    name: str
    actions: list[str] = ["Microsoft.Network/virtualNetworks/subnets/join/action"]


class Delegation(Block):
    name: str
    service_delegation: ServiceDelegation


class Subnet(Resource):
    """A subnet without Azure's implicit way to the internet."""

    terraform_type: ClassVar[str] = "azurerm_subnet"

    name: str
    resource_group_name: Text
    virtual_network_name: Text
    address_prefixes: list[str]
    default_outbound_access_enabled: bool = False
    private_endpoint_network_policies: Literal["Disabled", "Enabled"] = "Enabled"
    delegation: Delegation | None = None


class RouteTable(Located):
    terraform_type: ClassVar[str] = "azurerm_route_table"

    bgp_route_propagation_enabled: bool = False


class Route(Resource):
    terraform_type: ClassVar[str] = "azurerm_route"

    name: str
    resource_group_name: Text
    route_table_name: Text
    address_prefix: str
    next_hop_type: Literal["VirtualAppliance"] = "VirtualAppliance"
    next_hop_in_ip_address: Text


class SubnetRouteTable(Resource):
    terraform_type: ClassVar[str] = "azurerm_subnet_route_table_association"

    subnet_id: Ref
    route_table_id: Ref


class NetworkSecurityGroup(Located):
    terraform_type: ClassVar[str] = "azurerm_network_security_group"


class NetworkSecurityRule(Resource):
    terraform_type: ClassVar[str] = "azurerm_network_security_rule"

    name: str
    resource_group_name: Text
    network_security_group_name: Text
    priority: int
    direction: Literal["Inbound", "Outbound"]
    access: Literal["Allow", "Deny"]
    protocol: Literal["Tcp", "*"]
    source_address_prefix: str
    source_port_range: str = "*"
    destination_address_prefix: str = "*"
    destination_port_range: str = "*"


class SubnetSecurityGroup(Resource):
    terraform_type: ClassVar[str] = "azurerm_subnet_network_security_group_association"

    subnet_id: Ref
    network_security_group_id: Ref


class PublicIp(Located):
    terraform_type: ClassVar[str] = "azurerm_public_ip"

    allocation_method: Literal["Static"] = "Static"
    sku: Literal["Standard"] = "Standard"
    zones: list[str]


class FirewallPolicy(Located):
    terraform_type: ClassVar[str] = "azurerm_firewall_policy"

    sku: Literal["Standard"] = "Standard"
    threat_intelligence_mode: Literal["Deny"] = "Deny"


class Protocol(Block):
    type: Literal["Http", "Https"]
    port: int


class ApplicationRule(Block):
    name: str
    source_addresses: list[str]
    protocols: list[Protocol]
    destination_fqdns: list[str] | None = None
    destination_fqdn_tags: list[str] | None = None


class ApplicationRules(Block):
    name: str
    priority: int
    action: Literal["Allow"] = "Allow"
    rule: list[ApplicationRule]


class NetworkRule(Block):
    name: str
    protocols: list[Literal["TCP", "UDP"]]
    source_addresses: list[str]
    destination_addresses: list[str]
    destination_ports: list[str]


class NetworkRules(Block):
    name: str
    priority: int
    action: Literal["Allow"] = "Allow"
    rule: list[NetworkRule]


class FirewallRules(Resource):
    terraform_type: ClassVar[str] = "azurerm_firewall_policy_rule_collection_group"

    name: str
    firewall_policy_id: Ref
    priority: int
    application_rule_collection: ApplicationRules
    network_rule_collection: NetworkRules


class FirewallAddress(Block):
    name: str
    subnet_id: Ref
    public_ip_address_id: Ref


class Firewall(Located):
    terraform_type: ClassVar[str] = "azurerm_firewall"

    sku_name: Literal["AZFW_VNet"] = "AZFW_VNet"
    sku_tier: Literal["Standard"] = "Standard"
    firewall_policy_id: Ref
    zones: list[str]
    ip_configuration: FirewallAddress


class PrivateDnsZone(Resource):
    terraform_type: ClassVar[str] = "azurerm_private_dns_zone"

    name: str
    resource_group_name: Text
    tags: dict[str, str]


class PrivateDnsLink(Resource):
    terraform_type: ClassVar[str] = "azurerm_private_dns_zone_virtual_network_link"

    name: str
    private_dns_zone_id: Ref
    virtual_network_id: Text
    tags: dict[str, str]


class PrivateConnection(Block):
    name: str
    private_connection_resource_id: Ref
    subresource_names: list[str]
    is_manual_connection: bool = False


class DnsZoneGroup(Block):
    name: str
    private_dns_zone_ids: list[Ref]


class PrivateEndpoint(Located):
    terraform_type: ClassVar[str] = "azurerm_private_endpoint"

    subnet_id: Ref
    private_service_connection: PrivateConnection
    private_dns_zone_group: DnsZoneGroup
