"""What Scaleway cannot do, or only in some places."""

from collections.abc import Iterator

from blueprint.environment import Environment, Kapsule
from blueprint.environment.checks.finding import Finding
from blueprint.environment.document import Place
from blueprint.hosting import provider

LONGEST_RETENTION_DAYS = 365  # scaleway provider 2.81.0: retention_days of a Cockpit source


def zone(env: Environment, cluster: Kapsule) -> Iterator[Finding]:
    """The zone is in the region and has the GPUs asked for; nodes, volumes and gateway all stand in it."""
    cloud, place = provider(env), ("cluster", "zone")
    region = cloud.regions.get(cluster.region)
    if region is None:
        return
    zones = [f"{region.name}-{number + 1}" for number in range(region.availability_zones)]
    if cluster.zone not in zones:
        yield Finding(place, f"{cluster.zone} is no zone of {region.name}", ", ".join(zones))
        return
    for name, pool in cluster.gpu_pools.items():
        machine = cloud.instances.get(pool.instance)
        if machine and machine.gpu and cluster.zone not in region.evidence(machine.family).zones:
            offered = [zone for other in cloud.regions.values() for zone in other.evidence(machine.family).zones]
            yield Finding(place, f"{machine.name} of pool {name} is not offered in {cluster.zone}", ", ".join(offered))


def pools(env: Environment, cluster: Kapsule) -> Iterator[Finding]:
    """Ways to get or share a GPU that Scaleway does not know."""
    for name, pool in cluster.gpu_pools.items():
        place: Place = ("cluster", "gpu_pools", name)
        if pool.spot:
            message = "Scaleway has no spot instances: a node is yours until you give it back, at the list price"
            yield Finding((*place, "spot"), message, next="remove it; with `min: 0` nodes go when nothing runs")
        if pool.capacity_reservation:
            message = "Scaleway has no capacity reservations"
            yield Finding((*place, "capacity_reservation"), message, next="remove it; a pool with `min` above 0 keeps its nodes")
        if pool.time_slicing:
            message = "Kapsule brings its own GPU Operator, whose device plugin is not ours to configure"
            yield Finding((*place, "time_slicing"), message, next="mig, or whole cards")


def retention(env: Environment, cluster: Kapsule) -> Iterator[Finding]:
    """Cockpit keeps nothing longer than a year."""
    kept = env.monitoring
    for key, days in (("retention_days", kept.retention_days), ("logs_retention_days", kept.logs_retention_days)):
        if days > LONGEST_RETENTION_DAYS:
            message = f"Scaleway's Cockpit does not keep data for {days} days"
            yield Finding(("monitoring", key), message, f"at most {LONGEST_RETENTION_DAYS}")
