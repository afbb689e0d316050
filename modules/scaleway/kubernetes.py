"""The Kapsule cluster and its pools.

The API server always has a public address; the access list closes it to all but the ranges the environment names and the
environment's own gateway. Replaced, not updated, when they change: the cluster's network, a pool's node type and zone. The
models on a replaced pool stop until its new nodes are ready (driver included, tens of minutes).
"""

from blueprint.environment import Environment, GpuPool, Pool
from modules import gpu
from modules.clusters.base import POOL_LABEL
from modules.resources.base import Ref
from modules.resources.engine import Added, Part
from modules.resources.scaleway import kubernetes as tf
from modules.scaleway.base import ScalewayPart
from modules.scaleway.network import Network

GPU_TAINT = tf.Taint(key="nvidia.com/gpu", value="present")
# Images, weights and logs of a GPU node: pods may not use its scratch disk, which is only there as a path on the host.
GPU_VOLUME_GB, SYSTEM_VOLUME_GB = 500, 100


class Kubernetes(ScalewayPart):
    """A cluster in the environment's network, with one pool for the platform and the GPU pools asked for."""

    def __init__(self, scope: Part, env: Environment, network: Network) -> None:
        super().__init__(scope, "kubernetes", env)
        self.network = network
        ranges = self.cluster.network
        cluster = tf.KubernetesCluster(
            **self.regional(env.name),
            type=self.cluster.control_plane,
            version=self.cluster.kubernetes_version,
            private_network_id=network.network.id,
            pod_cidr=str(ranges.pod_cidr),
            service_cidr=str(ranges.service_cidr),
            auto_upgrade=self._maintenance(),
            open_id_connect_config=self._people(),
            tags=self.tags,
        )
        self.kapsule = self.add("cluster", cluster, depends_on=[network.way_out])
        self.acl = self.add("acl", self._acl())
        pools = [self._system_pool(self.cluster.system_pool)]
        self.pools = [*pools, *(self._gpu_pool(name, pool) for name, pool in self.cluster.gpu_pools.items())]

    def _maintenance(self) -> tf.AutoUpgrade:
        window = self.cluster.maintenance
        return tf.AutoUpgrade(maintenance_window_day=window.day.lower(), maintenance_window_start_hour=window.start_hour)

    def _people(self) -> tf.OpenIdConnect | None:
        login = self.cluster.login
        if login is None:
            return None
        claims = {"username_claim": login.username_claim, "groups_claim": [login.groups_claim]}
        return tf.OpenIdConnect(issuer_url=login.issuer, client_id=login.client_id, **claims)

    def _acl(self) -> tf.ApiServerAcl:
        given = [tf.AclRule(ip=str(cidr), description="cluster.api_server_from") for cidr in self.cluster.api_server_from]
        ours = tf.AclRule(ip=Ref(f"{self.network.address}/32"), description="nodes, through the gateway")
        return tf.ApiServerAcl(cluster_id=self.kapsule.id, region=self.cluster.region, acl_rules=[*given, ours])

    def _system_pool(self, pool: Pool) -> Added[tf.NodePool]:
        return self._pool("system", pool, root_volume_size_in_gb=SYSTEM_VOLUME_GB, wait_for_pool_ready=True)

    def _gpu_pool(self, name: str, pool: GpuPool) -> Added[tf.NodePool]:
        """Apply does not wait for GPU nodes: a type may be out of stock for hours, and models wait for their nodes anyway."""
        return self._pool(
            name,
            pool,
            root_volume_size_in_gb=GPU_VOLUME_GB,
            labels={POOL_LABEL: name, **gpu.labels(pool)},
            taints=[GPU_TAINT],
            wait_for_pool_ready=False,
        )

    def _pool(self, name: str, pool: Pool, **more: object) -> Added[tf.NodePool]:
        arguments = {
            "cluster_id": self.kapsule.id,
            "name": name,
            "region": self.cluster.region,
            "zone": self.cluster.zone,
            "node_type": pool.instance,
            "size": pool.min,
            "min_size": pool.min,
            "max_size": pool.max,
            "tags": self.tags,
        }
        return self.add(f"pool-{name}", tf.NodePool(**arguments, **more))
