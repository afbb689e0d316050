"""Where an environment's data goes, each destination judged by the matrix (`blueprint/matrix.py`), and what must be signed before.

The places asked about are the cluster, the Terraform state, hosted models (what they store, and where they process) and every
address somebody wrote into the file. Conditions are declarations; we check that they were made, and when.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from blueprint import conditions as declarable
from blueprint import matrix, places
from blueprint.catalog import DeploymentType, Provider, load_catalog
from blueprint.environment import Api, AzurermState, Environment
from blueprint.environment.base import Section
from blueprint.environment.checks.destinations import destinations, in_region, kind_at, known_addresses, processing, state_places
from blueprint.environment.checks.finding import Finding
from blueprint.environment.checks.names import unknown
from blueprint.environment.document import Place
from blueprint.facts import Unknown
from blueprint.hosting import provider
from blueprint.matrix import CLASSES, Kind
from blueprint.residency_catalog import today
from blueprint.zones import Zone, countries_in_words


def declared_zone(env: Environment) -> Iterator[Finding]:
    """The zone promised is one the data class may be in at all."""
    said = env.data_residency
    row = matrix.rows()[said.data_class]
    if row.zones[said.zone].verdict == "deny":
        allowed = [zone for zone, cell in row.zones.items() if cell.verdict != "deny"]
        message = f"{said.data_class} data may not be in all of zone {said.zone}. {row.zones[said.zone].basis}"
        yield Finding(("data_residency", "zone"), message, ", ".join(allowed), f"zone: {allowed[-1]}")


def region(env: Environment) -> Iterator[Finding]:
    """The cluster's region is known, open and inside the zone."""
    yield from placed(env, ("cluster", "region"), env.cluster.region, provider(env))


def state(env: Environment) -> Iterator[Finding]:
    """Terraform state names everything there is: it stays in the zone."""
    name, azure = env.state.region or env.cluster.region, load_catalog().providers["azure"]
    if isinstance(env.state, AzurermState):
        if env.state.region or name not in azure.regions:
            yield from placed(env, ("state", "region"), name, azure, "state")
        return
    found = state_places(env)
    if not found:
        message = f"{name} is in no provider of the catalogue, so nobody can tell which country it is in"
        yield Finding(("state", "region"), message, next="add it to catalog/providers/ or catalog/residency/regions/")
    for place in found:
        if not isinstance(place, Unknown):
            yield from _outside(env, ("state", "region"), place, "state")


def addresses(env: Environment) -> Iterator[Finding]:
    """Whatever is written down as an address of a service somebody knows is inside the zone."""
    for path, place in known_addresses(env):
        yield from _outside(env, path, place, kind_at(path))


def operator(env: Environment) -> Iterator[Finding]:
    """In eu-sovereign nobody runs a service whom a law outside the EU can reach."""
    said = {
        found.operated: foreign
        for found in destinations(env)
        if (foreign := env.data_residency.perimeter.foreign(replace(found.place, label=found.label)))
    }
    for path, message in said.items():
        yield Finding(path, message, next="data_residency.zone: eu-resident, with a transfer assessment")


def conditions(env: Environment) -> Iterator[Finding]:
    """What must be signed or assessed before data of this class is where it is."""
    said = env.data_residency
    missing: dict[str, set[str]] = {}
    for found in destinations(env):
        for name in _judged(env, found.place, found.kind).missing:
            missing.setdefault(name, set()).add(found.place.operator)
    for name, operators in missing.items():
        if name not in said.conditions:
            condition = declarable.conditions()[name]
            because = f", as {', '.join(sorted(operators))} is under third-country law" if name == "transfer_assessment" else ""
            message = f"{said.data_class} data needs {condition.what}{because} ({condition.basis})"
            yield Finding(("data_residency", "conditions", name), message, next="add it with the date it was met")


def dates(env: Environment) -> Iterator[Finding]:
    """A condition was met on a day that counts: not tomorrow, and not before the law it answers to."""
    for name, met in env.data_residency.conditions.items():
        if said := declarable.complaint(name, met, today()):
            yield Finding(("data_residency", "conditions", name), said, next="give the day it was met, or meet it again")
    for recipient, checked in env.data_residency.dpf_recipients.items():
        if said := declarable.complaint(declarable.CERTIFICATION, checked, today()):
            yield Finding(("data_residency", "dpf_recipients", recipient), said, next="look it up in the list of the framework")


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
    offer = catalog.apis[api.provider]
    kind = offer.deployment_types.get(api.deployment)
    path: Place = ("apis", name, "deployment")
    if kind is None:
        yield unknown(path, f"deployment type of {offer.label}", api.deployment, list(offer.deployment_types))
        return
    place = processing(api, api.region)
    if kind.processing == "region" or isinstance(place, Unknown):
        return
    for finding in _outside(env, path, place):
        kept = ", ".join(other.name for other in offer.deployment_types.values() if other.processing != "global")
        message = _processed(env, api, kind) if env.data_residency.perimeter.elsewhere(place) else finding.message
        yield Finding(path, message, kept, "choose a type that stays in the account's region or in the EU")


def _processed(env: Environment, api: Api, kind: DeploymentType) -> str:
    if kind.processing == "eu":
        home = places.region(load_catalog().apis[api.provider].provider, api.region)
        countries = home.countries or () if isinstance(home, places.Place) else ()
        return (
            f"{api.deployment} keeps prompts in the EU for accounts in EU regions only; {api.region} is in {countries_in_words(countries)}"
        )
    said = env.data_residency
    return f"{api.deployment} may process prompts in any country; {said.data_class} data stays in zone {said.perimeter}"


def placed(env: Environment, path: Place, name: str, cloud: Provider, kind: Kind = "content") -> Iterator[Finding]:
    """A region of a cloud is known, open and inside the zone."""
    inside = env.data_residency.perimeter.regions(cloud)
    place = in_region(cloud, name)
    if isinstance(place, Unknown):
        yield unknown(path, f"region of {cloud.label} in the catalogue", name, inside, f"add it to catalog/providers/{cloud.name}.yaml")
        return
    refused = list(_outside(env, path, place, kind, inside))
    yield from refused
    if cloud.regions[name].restricted and not refused:
        yield Finding(
            path, f"{name} is open to selected customers only", next=f"{cloud.regions[name].pair} is its open twin", severity="warning"
        )


def _outside(env: Environment, path: Place, place: places.Place, kind: Kind = "content", inside: Sequence[str] = ()) -> Iterator[Finding]:
    """What is wrong with the countries of a place. Its operator is another finding, at another key of the file."""
    allowed = f"{', '.join(inside[:3])}, … ({len(inside)} regions, catalog/providers/)" if inside else ""
    perimeter, answer = env.data_residency.perimeter, _judged(env, place, kind)
    if said := perimeter.elsewhere(place):
        yield Finding(path, said, allowed)
    elif answer.outcome is matrix.Outcome.denied and not perimeter.foreign(place):
        yield Finding(path, f"{answer.why}. {answer.basis}", allowed)


def _judged(env: Environment, place: places.Place, kind: Kind) -> matrix.Answer:
    """The matrix's answer. Where the zone itself was refused, the widest that asks for no safeguards stands in for it."""
    said = env.data_residency
    perimeter = said.perimeter if hasattr(said, "zone") else Zone("eea")
    return matrix.judge(matrix.class_of(said.data_class, kind), place, perimeter, said.declared, today())
