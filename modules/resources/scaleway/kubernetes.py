"""The cluster, who reaches its API server, and its pools."""

from typing import ClassVar, Literal

from modules.resources.base import Block, Ref, Resource, Text
from modules.resources.scaleway.base import Regional


class AutoUpgrade(Block):
    """Patch versions, in a window of two hours (UTC)."""

    enable: bool = True
    maintenance_window_day: str
    maintenance_window_start_hour: int


class Autoscaler(Block):
    """GPU nodes take minutes to start: wait before giving one back. `skip_nodes_with_local_storage` replaces the cluster when it
    changes; models keep weights on local storage, so nodes would never be given back with it."""

    expander: Literal["least_waste"] = "least_waste"
    scale_down_unneeded_time: str = "15m"
    scale_down_delay_after_add: str = "15m"
    skip_nodes_with_local_storage: bool = False


class OpenIdConnect(Block):
    issuer_url: str
    client_id: str
    username_claim: str
    groups_claim: list[str]


class KubernetesCluster(Regional):
    """What was made from inside the cluster, such as volumes, is kept when the cluster goes."""

    terraform_type: ClassVar[str] = "scaleway_k8s_cluster"

    type: Literal["kapsule", "kapsule-dedicated-4", "kapsule-dedicated-8", "kapsule-dedicated-16"]
    version: str
    cni: Literal["cilium"] = "cilium"
    private_network_id: Ref
    pod_cidr: str
    service_cidr: str
    delete_additional_resources: bool = False
    auto_upgrade: AutoUpgrade
    autoscaler_config: Autoscaler = Autoscaler()
    open_id_connect_config: OpenIdConnect | None = None
    tags: list[str]


class AclRule(Block):
    ip: Text
    description: str


class ApiServerAcl(Resource):
    """Who reaches the API server, which always has a public address; without this resource everyone does."""

    terraform_type: ClassVar[str] = "scaleway_k8s_acl"

    cluster_id: Ref
    region: str
    acl_rules: list[AclRule]


class Taint(Block):
    key: str
    value: str
    effect: Literal["NoSchedule"] = "NoSchedule"


class UpgradePolicy(Block):
    """One node at a time, without a spare one: there is rarely a free GPU to surge onto."""

    max_surge: int = 0
    max_unavailable: int = 1


class NodePool(Resource):
    """Nodes without a public address. The autoscaler owns `size` after the pool's creation."""

    terraform_type: ClassVar[str] = "scaleway_k8s_pool"

    cluster_id: Ref
    name: str
    region: str
    zone: str
    node_type: str
    size: int
    min_size: int
    max_size: int
    autoscaling: bool = True
    autohealing: bool = True
    public_ip_disabled: bool = True
    root_volume_type: Literal["sbs_5k"] = "sbs_5k"
    root_volume_size_in_gb: int
    labels: dict[str, str] | None = None
    taints: list[Taint] | None = None
    upgrade_policy: UpgradePolicy = UpgradePolicy()
    wait_for_pool_ready: bool
    tags: list[str]
