"""The cluster, its node pools and the registry they pull from."""

from typing import ClassVar, Literal

from modules.resources.azurerm.base import Located
from modules.resources.azurerm.security import UserAssigned
from modules.resources.base import Block, Ref, Resource


class ContainerRegistry(Located):
    """Premium, because only that tier has private endpoints. Export is off: images come in and stay."""

    terraform_type: ClassVar[str] = "azurerm_container_registry"

    sku: Literal["Premium"] = "Premium"
    admin_enabled: bool = False
    anonymous_pull_enabled: bool = False
    public_network_access_enabled: bool = False
    export_policy_enabled: bool = False
    network_rule_bypass_option: Literal["None"] = "None"
    data_endpoint_enabled: bool = True
    zone_redundancy_enabled: bool


class SurgeUpgrade(Block):
    max_surge: str = "33%"
    drain_timeout_in_minutes: int = 30


class UpgradeInPlace(Block):
    """Replace nodes one by one: there is rarely a spare GPU node to surge onto."""

    max_unavailable: str = "1"
    drain_timeout_in_minutes: int = 60
    undrainable_node_behavior: Literal["Cordon"] = "Cordon"


class DefaultNodePool(Block):
    name: str = "system"
    vm_size: str
    vnet_subnet_id: Ref
    zones: list[str]
    auto_scaling_enabled: bool = True
    min_count: int
    max_count: int
    os_sku: Literal["Ubuntu2404"] = "Ubuntu2404"
    os_disk_type: Literal["Ephemeral"] = "Ephemeral"
    host_encryption_enabled: bool = True
    temporary_name_for_rotation: str = "systemtmp"
    upgrade_settings: SurgeUpgrade = SurgeUpgrade()
    tags: dict[str, str]


class NodePool(Resource):
    """A node pool of an AKS cluster. `gpu_driver="None"` leaves the driver to the GPU Operator."""

    terraform_type: ClassVar[str] = "azurerm_kubernetes_cluster_node_pool"

    name: str
    kubernetes_cluster_id: Ref
    vm_size: str
    mode: Literal["User"] = "User"
    vnet_subnet_id: Ref
    zones: list[str]
    gpu_driver: Literal["None"] | None = None
    auto_scaling_enabled: bool = True
    min_count: int
    max_count: int
    node_taints: list[str]
    node_labels: dict[str, str]
    os_sku: Literal["Ubuntu2404"] = "Ubuntu2404"
    os_disk_type: Literal["Ephemeral", "Managed"]
    os_disk_size_gb: int | None = None
    kubelet_disk_type: Literal["OS", "Temporary"]
    host_encryption_enabled: bool = True
    priority: Literal["Regular", "Spot"]
    eviction_policy: Literal["Delete"] | None = None
    spot_max_price: float | None = None
    capacity_reservation_group_id: str | None = None
    upgrade_settings: UpgradeInPlace | None = None
    temporary_name_for_rotation: str | None = None
    tags: dict[str, str]


class EntraAccess(Block):
    azure_rbac_enabled: bool = True
    tenant_id: Ref
    admin_group_object_ids: list[str] | None = None


class ApiServerAccess(Block):
    virtual_network_integration_enabled: bool = True
    subnet_id: Ref


class AdvancedNetworking(Block):
    observability_enabled: bool = True
    security_enabled: bool = True


class NetworkProfile(Block):
    network_plugin: Literal["azure"] = "azure"
    network_plugin_mode: Literal["overlay"] = "overlay"
    network_policy: Literal["cilium"] = "cilium"
    network_data_plane: Literal["cilium"] = "cilium"
    outbound_type: Literal["userDefinedRouting", "none"]
    load_balancer_sku: Literal["standard"] = "standard"
    pod_cidr: str
    service_cidr: str
    dns_service_ip: str
    advanced_networking: AdvancedNetworking = AdvancedNetworking()


class KeyManagement(Block):
    """Kubernetes secrets in etcd are encrypted with this key."""

    key_vault_key_id: Ref
    key_vault_network_access: Literal["Private"] = "Private"


class KubeletIdentity(Block):
    client_id: Ref
    object_id: Ref
    user_assigned_identity_id: Ref


class BootstrapProfile(Block):
    """Nodes start from the private registry instead of Microsoft's public one."""

    artifact_source: Literal["Cache"] = "Cache"
    container_registry_id: Ref


class NodeProvisioning(Block):
    """Required since azurerm 5; node pools are ours, not Karpenter's."""

    mode: Literal["Manual"] = "Manual"


class MaintenanceWindow(Block):
    frequency: Literal["Weekly"] = "Weekly"
    interval: int = 1
    day_of_week: str
    start_time: str
    duration: int
    utc_offset: str = "+00:00"


class AutoScaler(Block):
    """GPU nodes take minutes to start: wait before giving one back, and give up on a stuck one."""

    expander: Literal["least-waste"] = "least-waste"
    max_node_provisioning_time: str = "20m"
    scale_down_unneeded: str = "15m"
    scale_down_delay_after_add: str = "15m"
    skip_nodes_with_local_storage: bool = False


class KubernetesCluster(Located):
    """A private cluster: Entra accounts only, keys of our own, nothing leaves but through the firewall."""

    terraform_type: ClassVar[str] = "azurerm_kubernetes_cluster"

    node_resource_group: str
    dns_prefix_private_cluster: str
    kubernetes_version: str
    sku_tier: Literal["Standard"] = "Standard"
    automatic_upgrade_channel: Literal["patch"] = "patch"
    node_os_upgrade_channel: Literal["NodeImage"] = "NodeImage"
    private_cluster_enabled: bool = True
    private_cluster_public_fqdn_enabled: bool = False
    private_dns_zone_id: Ref
    local_account_disabled: bool = True
    role_based_access_control_enabled: bool = True
    run_command_enabled: bool = False
    oidc_issuer_enabled: bool = True
    workload_identity_enabled: bool = True
    azure_policy_enabled: bool = True
    cost_analysis_enabled: bool = True
    image_cleaner_enabled: bool = True
    image_cleaner_interval_hours: int = 168
    disk_encryption_set_id: Ref
    api_server_access_profile: ApiServerAccess
    azure_active_directory_role_based_access_control: EntraAccess
    auto_scaler_profile: AutoScaler = AutoScaler()
    bootstrap_profile: BootstrapProfile | None = None
    default_node_pool: DefaultNodePool
    identity: UserAssigned
    kubelet_identity: KubeletIdentity
    key_management_service: KeyManagement
    maintenance_window_auto_upgrade: MaintenanceWindow
    maintenance_window_node_os: MaintenanceWindow
    network_profile: NetworkProfile
    node_provisioning_profile: NodeProvisioning = NodeProvisioning()
