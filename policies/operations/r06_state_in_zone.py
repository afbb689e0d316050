"""Terraform's state lies in the zone, encrypted, and one writer at a time.

State names everything there is and holds what providers put into it, secrets included: it is at least confidential. The backend
block says where it lies: an S3 region or endpoint, a host, HCP Terraform. An Azure storage account says nothing of its region, so
the stack declares account and region together. On a local disk nobody knows who reads it and nothing locks it.
"""

from collections.abc import Iterator

from blueprint import places
from blueprint import residency_catalog as catalog
from blueprint.facts import Found, Resource, Unknown
from blueprint.places import Place
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved
from blueprint.policy.scope import CLASSES
from blueprint.whereabouts.reading import ARN

STORES = "azurerm, or s3 at a service inside the zone"
HCP = "app.terraform.io"  # where `cloud` and `remote` go unless told otherwise
HOSTS = {
    "s3": ("endpoint", "endpoints.*", "dynamodb_endpoint", "iam_endpoint", "sts_endpoint"),
    "azurerm": ("endpoint", "metadata_host"),
    "http": ("address", "lock_address", "unlock_address"),
    "pg": ("conn_str",),
    "consul": ("address",),
    "kubernetes": ("host",),
    "cloud": ("hostname",),
    "remote": ("hostname",),
}


@rule(
    "R06",
    "state is kept inside the zone, encrypted and locked",
    looks_at=["backend.*", "data.terraform_remote_state"],
    basis="Art. 32, 44 GDPR",
    controls=[
        "C5:2020 CRY-03",
        "C5:2020 DEV-08",
        "ISO 27001:2022 8.24",
        "ISO 27001:2022 8.9",
        "NIST 800-53r5 SC-28",
        "NIST 800-53r5 CM-3",
        "DORA 9",
    ],
    severity="CRITICAL",
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """The backend of a stack; of a state that is read, where it comes from."""
    kind, at = _backend(resource)
    if kind == "local":
        yield _local(resource, scope)
        return
    found = [*_hosts(resource, kind, at, scope), *_regions(resource, kind, at, scope)]
    yield from found or [_undeclared(resource, kind, scope)]
    yield from _keys(resource, at, scope)
    if resource.type.startswith("backend."):
        yield from _protected(resource, kind)


def _backend(resource: Resource) -> tuple[str, str]:
    """Its kind, and the path its settings lie under."""
    if resource.type.startswith("backend."):
        return resource.type.removeprefix("backend."), ""
    return str(resource.first("backend")), "config."


def _local(resource: Resource, scope: Scope) -> Verdict:
    written = bool(resource.attributes) or bool(resource.facts and resource.facts.declaration.zone)
    if not (scope.regulated and written):
        return passes(resource, "path", resource.first("path"))
    why = "state of a stack with personal data would lie on whatever disk Terraform runs on, unlocked and readable"
    return fails(resource, "", "local", why, STORES, "configure a backend in the zone; `blueprint bootstrap` creates one")


def _hosts(resource: Resource, kind: str, at: str, scope: Scope) -> Iterator[Verdict]:
    given = [found for name in HOSTS.get(kind, ()) for found in _each(resource, f"{at}{name}")]
    if not given and kind in ("cloud", "remote"):
        given = [Found(f"{at}hostname", HCP)]
    for found in given:
        yield _placed(resource, found, found.value if isinstance(found.value, Unknown) else places.host(str(found.value)), scope)


def _each(resource: Resource, path: str) -> list[Found]:
    """Values at a path; `endpoints.*` are all under a key, whatever their names."""
    if not path.endswith(".*"):
        return resource.each(path)
    above = path.removesuffix(".*")
    return [found for found in resource.leaves() if found.path.startswith((f"{above}.", f"{above}["))]


def _regions(resource: Resource, kind: str, at: str, scope: Scope) -> Iterator[Verdict]:
    """`region` of S3: Amazon's, unless an endpoint says whose; but a name that means a place outside is refused all the same."""
    if kind == "azurerm":
        yield from _azure(resource, scope)
    elsewhere = any(_each(resource, f"{at}{name}") for name in ("endpoint", "endpoints.*"))
    for found in resource.each(f"{at}region") if kind == "s3" else []:
        known = [places.region(cloud, str(found.value)) for cloud in (catalog.clouds() if elsewhere else ["aws"])]
        named = [place for place in known if isinstance(place, Place)]
        if isinstance(found.value, Unknown) or (not named and not elsewhere):
            yield _placed(resource, found, found.value if isinstance(found.value, Unknown) else known[0], scope)
        yield from (_placed(resource, found, place, scope) for place in named)


def _keys(resource: Resource, at: str, scope: Scope) -> Iterator[Verdict]:
    """The key that encrypts the state, where its id says a region."""
    for key in resource.each(f"{at}kms_key_id"):
        if isinstance(key.value, str) and (arn := ARN.match(key.value)) and arn["region"]:
            yield _placed(resource, key, places.region("aws", arn["region"]), scope)


def _azure(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """An account in the same stack, or the one the stack declares; another cloud of Azure is another jurisdiction."""
    for cloud in resource.each("environment"):
        if cloud.value != "public":
            yield fails(
                resource, cloud.path, cloud, f"state would lie in Azure's {cloud.value} cloud, outside the EU", "public", "leave it out"
            )
    facts, account = resource.facts, resource.first("storage_account_name")
    declared = facts.by_address.get("output.data_residency") if facts else None
    said = declared.first("value.state.storage_account") if declared else None
    if declared and said == account:
        region = declared.first("value.state.region")
        yield _placed(resource, Found("storage_account_name", account), places.region("azure", str(region)), scope)
    for here in facts.of("azurerm_storage_account", "data.azurerm_storage_account") if facts else ():
        if here.first("name") == account and isinstance(here.first("location"), str):
            place = places.region("azure", here.first("location"))
            yield _placed(resource, Found("storage_account_name", account), place, scope)


def _placed(resource: Resource, found: Found, place: Place | Unknown, scope: Scope) -> Verdict:
    next = "move the state to a store inside the zone"
    if isinstance(place, Unknown):
        return unresolved(resource, found.path, place, STORES, next)
    answer = scope.answer(place, "state")
    return passes(resource, found.path, found) if answer.allowed else fails(resource, found.path, found, answer.why, STORES, next)


def _undeclared(resource: Resource, kind: str, scope: Scope) -> Verdict:
    """What names an account and no place: for special data on, somebody has to say where that is."""
    facts = resource.facts
    special = CLASSES.index(scope.data_class) >= CLASSES.index("special")
    if kind == "azurerm" and not special and not (facts and facts.declaration.zone):
        return passes(resource, "storage_account_name", resource.first("storage_account_name"))
    why = f"nobody can tell from the block where a {kind} backend keeps the state"
    return unresolved(resource, "", why, STORES, "declare it: output data_residency, state: {storage_account, region}")


def _protected(resource: Resource, kind: str) -> Iterator[Verdict]:
    """Encryption and lock where they are a choice."""
    if kind == "s3" and resource.first("encrypt") is not True:
        yield fails(resource, "encrypt", resource.first("encrypt"), "state is written unencrypted", "true", "encrypt: true")
    if kind == "s3" and resource.first("use_lockfile") is not True and not resource.first("dynamodb_table"):
        yield fails(
            resource, "use_lockfile", resource.first("use_lockfile"), "two runs could write the state at once", "true", "use_lockfile: true"
        )
    if kind == "http" and not resource.first("lock_address"):
        yield fails(
            resource, "lock_address", None, "two runs could write the state at once", "an address", "give lock_address and unlock_address"
        )
    for found in (found for name in HOSTS.get(kind, ()) for found in _each(resource, name)):
        if str(found.value).startswith("http://"):
            yield fails(resource, found.path, found, "state would travel in clear text", "https", "use https")
