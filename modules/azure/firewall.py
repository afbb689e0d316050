"""The way out: an Azure Firewall that lets through what the platform cannot work without, and nothing else."""

from modules.azure.base import Azure, AzurePart
from modules.resources.azurerm import network as tf
from modules.resources.base import Ref
from modules.resources.engine import Added, Part

# Microsoft's own list of what AKS nodes need, kept up to date by Azure under this tag.
AKS_TAG = "AzureKubernetesService"
# The GPU Operator's driver container installs kernel headers from Ubuntu's archive; no data of ours goes there.
DRIVER_BUILD_HOSTS = ["archive.ubuntu.com", "azure.archive.ubuntu.com", "security.ubuntu.com"]
# Workload identities fetch their tokens from Entra: tokens only, no content.
ENTRA_TAG = "AzureActiveDirectory"


class Firewall(AzurePart):
    """`private_ip` is the next hop for everything that leaves."""

    def __init__(self, scope: Part, azure: Azure, subnet: Added[tf.Subnet], sources: list[str]) -> None:
        super().__init__(scope, "firewall", azure)
        zones: list[str] = list(self.azure.cluster.zones)
        policy = self.add("policy", tf.FirewallPolicy(**self.located(self.named("afwp"))))
        rules = self.add("rules", self._rules(policy.id, sources))
        address = self.add("address", tf.PublicIp(**self.located(self.named("pip-afw")), zones=zones))
        ip = tf.FirewallAddress(name="out", subnet_id=subnet.id, public_ip_address_id=address.id)
        firewall = tf.Firewall(**self.located(self.named("afw")), firewall_policy_id=policy.id, zones=zones, ip_configuration=ip)
        placed = self.add("firewall", firewall, depends_on=[rules])
        self.private_ip = placed.ref("ip_configuration[0].private_ip_address")
        self.watch("firewall", placed.id)

    def _rules(self, policy_id: Ref, sources: list[str]) -> tf.FirewallRules:
        https, http = tf.Protocol(type="Https", port=443), tf.Protocol(type="Http", port=80)
        nodes = tf.ApplicationRule(name="aks", source_addresses=sources, protocols=[https], destination_fqdn_tags=[AKS_TAG])
        drivers = tf.ApplicationRule(
            name="gpu-driver-build", source_addresses=sources, protocols=[http, https], destination_fqdns=DRIVER_BUILD_HOSTS
        )
        tokens = tf.NetworkRule(
            name="entra-tokens", protocols=["TCP"], source_addresses=sources, destination_addresses=[ENTRA_TAG], destination_ports=["443"]
        )
        return tf.FirewallRules(
            name="platform",
            firewall_policy_id=policy_id,
            priority=1000,
            application_rule_collection=tf.ApplicationRules(name="hosts", priority=200, rule=[nodes, drivers]),
            network_rule_collection=tf.NetworkRules(name="addresses", priority=100, rule=[tokens]),
        )
