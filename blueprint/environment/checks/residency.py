"""Where data may be, who may hold it, and what must be signed before (GDPR Art. 28, 35, 44 to 48).

A first version of the matrix zone x data class; the conditions are declarations, we check that they were made.
"""

from collections.abc import Iterator

from blueprint.catalog import ApiProvider, Operator, Provider, Region, load_catalog
from blueprint.environment import AzurermState, DataClass, Environment
from blueprint.environment.base import Section
from blueprint.environment.checks.finding import Finding
from blueprint.environment.checks.names import unknown
from blueprint.environment.document import Place
from blueprint.hosting import provider
from blueprint.zones import Zone, country_name, is_third_country

# From least to most strict.
CLASSES: tuple[DataClass, ...] = ("public", "internal", "confidential", "personal", "special", "regulated-function")
PERSONAL: tuple[DataClass, ...] = ("personal", "special", "regulated-function")


def region(env: Environment) -> Iterator[Finding]:
    """The cluster's region is known, open and inside the zone."""
    cloud = provider(env)
    yield from placed(env, ("cluster", "region"), env.cluster.region, cloud)


def operator(env: Environment) -> Iterator[Finding]:
    """In eu-sovereign nobody runs a service whom a law outside the EU can reach."""
    zone = Zone(env.data_residency.zone)
    for place, label, who in _operators(env):
        if not zone.accepts_operator(who.jurisdiction):
            law = country_name(who.jurisdiction)
            yield Finding(
                place,
                f"{label} is run by {who.name} under the law of {law}; {zone.name} needs an operator under EU law only",
                next="data_residency.zone: eu-resident, with a transfer assessment",
            )


def conditions(env: Environment) -> Iterator[Finding]:
    """What must be signed or assessed before personal data enters."""
    needed: dict[str, str] = {}
    if env.data_residency.data_class in PERSONAL:
        needed["processor_contract"] = "a contract with the processor (Art. 28 GDPR)"
        if foreign := sorted({who.name for _, _, who in _operators(env) if is_third_country(who.jurisdiction)}):
            needed["transfer_assessment"] = f"a transfer assessment, as {', '.join(foreign)} is under third-country law (Art. 28, 48 GDPR)"
    if env.data_residency.data_class == "special":
        needed["impact_assessment"] = "an impact assessment (Art. 35 GDPR)"
    for condition, reason in needed.items():
        if condition not in env.data_residency.conditions:
            message = f"{env.data_residency.data_class} data needs {reason}"
            place: Place = ("data_residency", "conditions", condition)
            yield Finding(place, message, next="add it with the date it was signed")


def state(env: Environment) -> Iterator[Finding]:
    """Terraform state names everything there is: it stays in the zone."""
    if env.state.region is None:
        return
    if isinstance(env.state, AzurermState):
        yield from placed(env, ("state", "region"), env.state.region, load_catalog().providers["azure"])
        return
    clouds = [*load_catalog().providers.values(), provider(env)]
    found = {cloud.name: cloud.regions[env.state.region] for cloud in clouds if env.state.region in cloud.regions}
    if not found:
        message = f"{env.state.region} is in no provider of the catalogue, so nobody can tell which country it is in"
        yield Finding(("state", "region"), message, next="add it to catalog/providers/")
    yield from (_outside(env, ("state", "region"), place, []) for place in found.values() if not _inside(env, place))


def teams(env: Environment) -> Iterator[Finding]:
    """No team may send stricter data than the environment admits."""
    strictest = env.data_residency.data_class
    for name, team in env.gateway.teams.items():
        if CLASSES.index(team.data_class) > CLASSES.index(strictest):
            yield Finding(
                ("gateway", "teams", name, "data_class"),
                f"{team.data_class} is stricter than {strictest}, the strictest data this environment admits",
                ", ".join(CLASSES[: CLASSES.index(strictest) + 1]),
                "lower it, or raise data_residency.data_class with its conditions",
            )


def api_clouds(env: Environment, cluster: Section) -> Iterator[Finding]:
    """Hosted models are created beside the cluster, in the same cloud, where pods have an identity for them."""
    catalog, cloud = load_catalog(), provider(env)
    for name, wish in env.apis.items():
        api = catalog.apis[wish.provider]
        if api.provider != cloud.name:
            offered = [other.name for other in catalog.apis.values() if other.provider == cloud.name]
            yield Finding(("apis", name, "provider"), f"{api.label} is not created beside a cluster at {cloud.label}", ", ".join(offered))


def api_region(env: Environment, name: str) -> Iterator[Finding]:
    """An API's account is in the zone: what it stores is stored there."""
    catalog, api = load_catalog(), env.apis[name]
    yield from placed(env, ("apis", name, "region"), api.region, catalog.providers[catalog.apis[api.provider].provider])


def api_processing(env: Environment, name: str) -> Iterator[Finding]:
    """Prompts are processed inside the zone: the deployment type decides where, not the account's region."""
    catalog, api = load_catalog(), env.apis[name]
    provider = catalog.apis[api.provider]
    place: Place = ("apis", name, "deployment")
    kind = provider.deployment_types.get(api.deployment)
    if kind is None:
        yield unknown(place, f"deployment type of {provider.label}", api.deployment, list(provider.deployment_types))
    elif kind.processing == "global" and env.data_residency.zone != "global":
        yield from _processed_anywhere(env, place, api.deployment, provider)
    elif kind.processing == "eu":
        yield from _processed_in_own_zone(env, place, name, catalog.providers[provider.provider])


def _processed_in_own_zone(env: Environment, place: Place, name: str, cloud: Provider) -> Iterator[Finding]:
    account = cloud.regions.get(env.apis[name].region)
    if account and not Zone("eu-resident").contains(account.country) and env.data_residency.zone != "global":
        where = f"{account.name} is in {country_name(account.country)}"
        message = f"{env.apis[name].deployment} keeps prompts in the EU for accounts in EU regions only; {where}"
        yield Finding(place, message, next="choose a region in the EU")


def _processed_anywhere(env: Environment, place: Place, deployment: str, provider: ApiProvider) -> Iterator[Finding]:
    kept = ", ".join(kind.name for kind in provider.deployment_types.values() if kind.processing != "global")
    zone, strictest = env.data_residency.zone, env.data_residency.data_class
    message = f"{deployment} may process prompts in any country; {strictest} data stays in zone {zone}"
    if strictest == "internal":
        message = f"{deployment} may process prompts in any country, outside zone {zone}"
        yield Finding(place, message, kept, "have a contract that rules out training on your data, or keep it in the zone", "warning")
    elif strictest != "public":
        yield Finding(place, message, kept, "deployment: DataZoneStandard")


def placed(env: Environment, place: Place, name: str, cloud: Provider) -> Iterator[Finding]:
    """A region of a cloud is known, open and inside the zone."""
    inside = Zone(env.data_residency.zone).regions(cloud)
    found = cloud.regions.get(name)
    if found is None:
        yield unknown(place, f"region of {cloud.label} in the catalogue", name, inside, f"add it to catalog/providers/{cloud.name}.yaml")
    elif not _inside(env, found):
        yield _outside(env, place, found, inside)
    elif found.restricted:
        yield Finding(place, f"{name} is open to selected customers only", next=f"{found.pair} is its open twin", severity="warning")


def _inside(env: Environment, region: Region) -> bool:
    return Zone(env.data_residency.zone).contains(region.country)


def _outside(env: Environment, place: Place, region: Region, inside: list[str]) -> Finding:
    allowed = f"{', '.join(inside[:3])}, … ({len(inside)} regions, catalog/providers/)" if inside else ""
    return Finding(place, f"{region.name} is in {country_name(region.country)}, outside zone {env.data_residency.zone}", allowed)


def _operators(env: Environment) -> Iterator[tuple[Place, str, Operator]]:
    catalog = load_catalog()
    cloud = provider(env)
    yield ("cluster", "target"), cloud.label, cloud.operator
    for name, api in env.apis.items():
        yield ("apis", name, "provider"), catalog.apis[api.provider].label, catalog.apis[api.provider].operator
    if isinstance(env.state, AzurermState):
        yield ("state", "backend"), "the Terraform state's storage", catalog.providers["azure"].operator
