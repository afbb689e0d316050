"""The AKS cluster and its node pools.

Replaced, not updated, when they change: the cluster's network plugin and subnets, a GPU pool's instance type. The models
on a replaced pool stop until its new nodes are ready (driver included, tens of minutes).
"""

from typing import Any

from blueprint.catalog import InstanceType, load_catalog
from blueprint.environment import GpuPool
from modules import gpu
from modules.azure.base import Azure, AzurePart
from modules.azure.network import Network
from modules.azure.registry import Registry
from modules.azure.vault import Vault
from modules.clusters.base import POOL_LABEL
from modules.resources.azurerm import kubernetes as tf
from modules.resources.azurerm.governance import DiagnosticLog, DiagnosticSetting
from modules.resources.azurerm.security import FederatedIdentity, UserAssigned, UserAssignedIdentity
from modules.resources.engine import Added, Part

GPU_TAINT = "nvidia.com/gpu=present:NoSchedule"
SPOT_TAINT = "kubernetes.azure.com/scalesetpriority=spot:NoSchedule"
# Images, weights and logs of a GPU node fit on its local disk from here on; below it the OS disk is made larger instead.
ROOMY_DISK_GIB = 500
LOGS = ("kube-audit-admin", "guard", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "cluster-autoscaler")


class Kubernetes(AzurePart):
    """A private cluster in the environment's network, with one pool for the platform and the GPU pools asked for."""

    def __init__(self, scope: Part, azure: Azure, network: Network, vault: Vault, registry: Registry) -> None:
        super().__init__(scope, "kubernetes", azure)
        self.network, self.vault, self.registry = network, vault, registry
        self.control_plane = self.identity("cluster")
        self.kubelet = self.identity("kubelet")
        dns = network.zone("kubernetes", f"privatelink.{self.azure.cluster.region}.azmk8s.io")
        registry.let_pull(self.kubelet)
        granted = self._grants(dns)
        cluster = tf.KubernetesCluster(
            **self.located(self.named("aks")),
            node_resource_group=self.named("rg-nodes"),
            dns_prefix_private_cluster=self.env.name,
            kubernetes_version=self.azure.cluster.kubernetes_version,
            private_dns_zone_id=dns.id,
            disk_encryption_set_id=vault.disks.id,
            api_server_access_profile=tf.ApiServerAccess(subnet_id=network.api_server.id),
            azure_active_directory_role_based_access_control=self._access(),
            bootstrap_profile=tf.BootstrapProfile(container_registry_id=registry.registry.id) if self.azure.cluster.isolated else None,
            default_node_pool=self._system_pool(),
            identity=UserAssigned(identity_ids=[self.control_plane.id]),
            kubelet_identity=self._kubelet_identity(),
            key_management_service=tf.KeyManagement(key_vault_key_id=vault.key.id),
            maintenance_window_auto_upgrade=self._maintenance(),
            maintenance_window_node_os=self._maintenance(),
            network_profile=self._network_profile(),
        )
        self.cluster = self.add("cluster", cluster, depends_on=[*granted, *network.routed, registry.endpoint, registry.pull])
        self.admin = self.grant("deployer", azure.client.ref("object_id"), "Azure Kubernetes Service RBAC Cluster Admin", self.cluster.id)
        self.pools = [self._gpu_pool(name, pool) for name, pool in self.azure.cluster.gpu_pools.items()]
        self._watch_control_plane()

    def _grants(self, dns: Added[Any]) -> list[Added[Any]]:
        """What the control plane may do, each on one resource."""
        scopes = {
            "Network Contributor": self.network.vnet.id,
            "Private DNS Zone Contributor": dns.id,
            "Managed Identity Operator": self.kubelet.id,
            "Key Vault Crypto User": self.vault.vault.id,
            "Key Vault Contributor": self.vault.vault.id,  # to approve its own private connection to the vault
            "Reader": self.vault.disks.id,
        }
        principal = self.control_plane.ref("principal_id")
        granted = [self.grant("cluster", principal, role, scope) for role, scope in scopes.items()]
        if self.network.routes is not None:
            granted.append(self.grant("cluster-routes", principal, "Network Contributor", self.network.routes.id))
        return granted

    def _access(self) -> tf.EntraAccess:
        groups = [str(group) for group in self.azure.cluster.admin_groups]
        return tf.EntraAccess(tenant_id=self.azure.client.ref("tenant_id"), admin_group_object_ids=groups or None)

    def _kubelet_identity(self) -> tf.KubeletIdentity:
        identity = self.kubelet
        return tf.KubeletIdentity(
            client_id=identity.ref("client_id"), object_id=identity.ref("principal_id"), user_assigned_identity_id=identity.id
        )

    def _system_pool(self) -> tf.DefaultNodePool:
        pool = self.azure.cluster.system_pool
        return tf.DefaultNodePool(
            vm_size=pool.instance,
            vnet_subnet_id=self.network.nodes.id,
            zones=list(self.azure.cluster.zones),
            min_count=pool.min,
            max_count=pool.max,
            tags=self.azure.tags,
        )

    def _maintenance(self) -> tf.MaintenanceWindow:
        window = self.azure.cluster.maintenance
        return tf.MaintenanceWindow(day_of_week=window.day, start_time=window.start, duration=window.hours)

    def _network_profile(self) -> tf.NetworkProfile:
        network = self.azure.cluster.network
        return tf.NetworkProfile(
            outbound_type="none" if self.azure.cluster.isolated else "userDefinedRouting",
            pod_cidr=str(network.pod_cidr),
            service_cidr=str(network.service_cidr),
            dns_service_ip=str(network.service_cidr[10]),
        )

    def _gpu_pool(self, name: str, pool: GpuPool) -> Added[tf.NodePool]:
        roomy = instance_type(pool.instance).temporary_disk_gib >= ROOMY_DISK_GIB
        node_pool = tf.NodePool(
            name=name,
            kubernetes_cluster_id=self.cluster.id,
            vm_size=pool.instance,
            vnet_subnet_id=self.network.nodes.id,
            zones=list(self.azure.cluster.zones),
            gpu_driver="None",
            min_count=pool.min,
            max_count=pool.max,
            node_taints=[GPU_TAINT, SPOT_TAINT] if pool.spot else [GPU_TAINT],
            node_labels={POOL_LABEL: name, **gpu.labels(pool), **({"kubernetes.azure.com/scalesetpriority": "spot"} if pool.spot else {})},
            os_disk_type="Ephemeral" if roomy else "Managed",
            os_disk_size_gb=None if roomy else ROOMY_DISK_GIB,
            kubelet_disk_type="Temporary" if roomy else "OS",
            priority="Spot" if pool.spot else "Regular",
            eviction_policy="Delete" if pool.spot else None,
            spot_max_price=-1 if pool.spot else None,  # up to the on-demand price
            capacity_reservation_group_id=pool.capacity_reservation,
            upgrade_settings=None if pool.spot else tf.UpgradeInPlace(),
            temporary_name_for_rotation=f"{name[:8]}tmp",
            tags=self.azure.tags,
        )
        return self.add(f"pool-{name}", node_pool)

    def _watch_control_plane(self) -> None:
        logs = [DiagnosticLog(category=category) for category in LOGS]
        setting = DiagnosticSetting(
            target_resource_id=self.cluster.id,
            log_analytics_workspace_id=self.azure.logs.id,
            log_analytics_destination_type="Dedicated",
            enabled_log=logs,
        )
        self.add("logs", setting)

    def federate(self, identity: Added[UserAssignedIdentity], namespace: str, service_account: str) -> None:
        """Let one service account of this cluster act as an identity."""
        credential = FederatedIdentity(
            name=f"{namespace}-{service_account}",
            user_assigned_identity_id=identity.id,
            issuer=self.cluster.ref("oidc_issuer_url"),
            subject=f"system:serviceaccount:{namespace}:{service_account}",
        )
        self.add(f"federated-{namespace}-{service_account}", credential)


def instance_type(name: str) -> InstanceType:
    """An Azure machine from the catalogue; environments with unknown ones do not validate."""
    return load_catalog().providers["azure"].instances[name]
