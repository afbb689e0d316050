"""What only AKS has: availability zones to spread over, and a way out of its network."""

from collections.abc import Iterator

from blueprint.environment import Aks, Environment
from blueprint.environment.checks.finding import Finding
from blueprint.hosting import provider


def zones(env: Environment, cluster: Aks) -> Iterator[Finding]:
    """The region has the availability zones the cluster spreads over."""
    region = provider(env).regions.get(cluster.region)
    if region and any(int(zone) > region.availability_zones for zone in cluster.zones):
        allowed = str([str(zone + 1) for zone in range(region.availability_zones)])
        message = f"{region.name} has {region.availability_zones or 'no'} availability zones"
        yield Finding(("cluster", "zones"), message, allowed, f"zones: {allowed}")


def ways_out(env: Environment, cluster: Aks) -> Iterator[Finding]:
    """No way out and a way out exclude each other."""
    if cluster.isolated and cluster.existing_firewall_ip:
        place = ("cluster", "existing_firewall_ip")
        yield Finding(place, "an isolated cluster has no way out, so it uses no firewall", next="remove this, or `isolated: true`")
