"""What only a site of one's own has: an inventory that must add up, machines that are always there, and Azure Arc on top."""

from collections.abc import Iterator

from blueprint.catalog import load_catalog
from blueprint.environment import Environment, Onprem, Pool
from blueprint.environment.checks.finding import Finding
from blueprint.environment.checks.names import unknown
from blueprint.environment.checks.residency import placed
from blueprint.environment.document import Place
from blueprint.matrix import PERSONAL
from blueprint.zones import country_name


def cards(env: Environment, cluster: Onprem) -> Iterator[Finding]:
    """Every line of the inventory names a card of the catalogue, and how many of it."""
    known = list(load_catalog().gpus)
    for name, kind in cluster.node_types.items():
        place: Place = ("cluster", "node_types", name)
        if kind.gpu is not None and kind.gpu not in known:
            yield unknown((*place, "gpu"), "GPU of the catalogue", kind.gpu, known, "add it to catalog/gpus/")
        if (kind.gpu is None) != (kind.gpus == 0):
            yield Finding((*place, "gpus"), "a machine has both a card and a number of them, or neither", next="set gpu and gpus")
        elif kind.gpus and kind.nvlink_gpus > kind.gpus:
            message = f"an NVLink domain of {kind.nvlink_gpus} GPUs is more than the machine has"
            yield Finding((*place, "nvlink_gpus"), message, f"at most {kind.gpus}")


def machines(env: Environment, cluster: Onprem) -> Iterator[Finding]:
    """Machines neither come and go nor are taken away."""
    pools: dict[Place, Pool] = {("cluster", "system_pool"): cluster.system_pool}
    pools |= {("cluster", "gpu_pools", name): pool for name, pool in cluster.gpu_pools.items()}
    for place, pool in pools.items():
        if pool.min != pool.max:
            message = f"the machines of {cluster.region} are always there, so min {pool.min} and max {pool.max} must be one number"
            yield Finding((*place, "min"), message, next=f"min: {pool.max}")
    for name, gpu_pool in cluster.gpu_pools.items():
        for key, value in (("spot", gpu_pool.spot), ("capacity_reservation", gpu_pool.capacity_reservation)):
            if value:
                yield Finding(("cluster", "gpu_pools", name, key), "only a cloud rents machines out like that", next="remove it")


def apis(env: Environment, cluster: Onprem) -> Iterator[Finding]:
    """Hosted models are called with an identity their cloud gives to pods, which a cluster elsewhere cannot prove."""
    for name in env.apis:
        yield Finding(("apis", name), "hosted models need a cloud identity, which pods on-premises do not have", next="remove it")


def arc(env: Environment, cluster: Onprem) -> Iterator[Finding]:
    """What Arc tells Azure of the cluster is in a country, under an operator."""
    if cluster.arc is None:
        return
    azure, zone = load_catalog().providers["azure"], env.data_residency.perimeter
    yield from placed(env, ("cluster", "arc", "region"), cluster.arc.region, azure)
    if not zone.accepts_operator(azure.operator.jurisdiction):
        law = country_name(azure.operator.jurisdiction)
        message = f"Azure Arc is run by {azure.operator.name} under the law of {law}; {zone.name} needs an operator under EU law only"
        yield Finding(("cluster", "arc"), message, next="remove it, or data_residency.zone: eu-resident")
    elif env.data_residency.data_class in PERSONAL and "transfer_assessment" not in env.data_residency.conditions:
        message = f"Azure Arc makes {azure.operator.name}, under third-country law, a processor: that needs a transfer assessment"
        yield Finding(("cluster", "arc"), message, next="add data_residency.conditions.transfer_assessment, or remove it")
