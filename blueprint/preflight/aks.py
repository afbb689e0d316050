"""What Azure must offer before an AKS environment: the subscription, its quota, sizes, features, rights and versions.

Shapes of the answers: `az <command> --help` and the Azure REST reference of the resource each command lists.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from blueprint.azure import RESOURCE_PROVIDERS
from blueprint.environment import Aks, AzurermState, Environment
from blueprint.hosting import provider
from blueprint.preflight.ages import ages
from blueprint.preflight.check import Check, Verdict
from blueprint.preflight.common import content, private_names

MAY_ASSIGN = ("User Access Administrator", "Role Based Access Control Administrator")


def sign_in(env: Environment) -> Check:
    """The check all others lean on."""
    return _az("subscription", "everything is created in it", ("account", "show"), _enabled, "az login, az account set --subscription …")


def checks(env: Environment, account: Any) -> Iterator[Check]:
    """All checks but the sign-in. `account` is its answer; None where there is none."""
    cluster = env.cluster
    assert isinstance(cluster, Aks)
    here = ("--location", cluster.region)
    yield _az(
        "quota",
        "every pool must reach its maximum; GPU families start at zero",
        ("vm", "list-usage", *here),
        partial(_quota, _vcpus(env)),
        "ask for it: portal, Quotas, Compute",
    )
    for size in sorted({pool.instance for pool in (cluster.system_pool, *cluster.gpu_pools.values())}):
        yield _az(
            f"size {size}",
            "a size that is restricted in the region or a zone cannot be created there",
            ("vm", "list-skus", *here, "--size", size, "--all"),
            partial(_offered, size, cluster.zones),
            "choose another size, region or zones, or ask Azure support to lift the restriction",
        )
    yield from _subscription(env, account)
    yield _az(
        "Kubernetes version",
        "the cluster is created with it",
        ("aks", "get-versions", *here),
        partial(_version, cluster.kubernetes_version),
        "choose another cluster.kubernetes_version",
    )
    yield from _state(env)
    yield Check(
        "kubelogin",
        "Helm signs in to the cluster with your Entra token through it",
        ("kubelogin", "--version"),
        lambda answer: Verdict("v" in answer, answer.strip().splitlines()[-1]),
        "az aks install-cli",
        text=True,
    )
    yield from _created(env)


def _subscription(env: Environment, account: Any) -> Iterator[Check]:
    who = account["user"]["name"] if account else "<you>"
    scope = f"/subscriptions/{account['id'] if account else '<subscription>'}"
    yield _az(
        "encryption at host",
        "every node asks for it",
        ("feature", "show", "--namespace", "Microsoft.Compute", "--name", "EncryptionAtHost"),
        lambda answer: Verdict(answer["properties"]["state"] == "Registered", answer["properties"]["state"]),
        "az feature register --namespace Microsoft.Compute --name EncryptionAtHost, then az provider register -n Microsoft.Compute",
    )
    yield _az(
        "resource providers",
        "Azure creates nothing of a provider that is not registered",
        ("provider", "list"),
        _registered,
        "az provider register --namespace … for each of them",
    )
    yield _az(
        "rights",
        "identities get roles of their own, so the deployer must be allowed to assign roles",
        ("role", "assignment", "list", "--assignee", who, "--scope", scope, "--include-inherited"),
        _may_deploy,
        f"Owner, or Contributor with {MAY_ASSIGN[0]}, on the subscription",
    )


def _state(env: Environment) -> Iterator[Check]:
    if not isinstance(env.state, AzurermState):
        return
    state = env.state
    account = state.storage_account or env.unique_name("tf")
    yield _az(
        "state account",
        "Terraform keeps its state there: inside the zone, without account keys",
        ("storage", "account", "show", "--name", account, "--resource-group", state.resource_group or f"rg-{env.name}-state"),
        partial(_state_account, state.region or env.cluster.region),
        f"blueprint bootstrap {env.name}",
    )
    yield _az(
        "state container",
        "the state is a blob in it, which you must be allowed to read",
        ("storage", "container", "exists", "--name", state.container, "--account-name", account, "--auth-mode", "login"),
        lambda answer: Verdict(answer["exists"] is True, "there" if answer["exists"] else "missing"),
        f"blueprint bootstrap {env.name}; you need the role Storage Blob Data Contributor",
    )


def _created(env: Environment) -> Iterator[Check]:
    """What can be looked at once the foundation stands."""
    registry, vault = env.unique_name(), env.unique_name("kv")
    yield _az(
        "registry content",
        "nodes pull every image and Helm every chart from it",
        ("acr", "repository", "list", "--name", registry),
        partial(content, env),
        f"blueprint images lock {env.name}, review and commit it, then blueprint images mirror {env.name}",
        layer="platform",
    )
    for what in ("key", "secret"):
        yield _az(
            f"age of {what}s",
            "what is never rotated is one day known to too many",
            ("keyvault", what, "list", "--vault-name", vault),
            ages,
            f"rotate what has expired: az keyvault {what} --help",
            layer="platform",
        )
    yield from private_names([f"{registry}.azurecr.io", f"{vault}.vault.azure.net", f"{env.unique_name('data')}.blob.core.windows.net"])


def _az(name: str, reason: str, command: tuple[str, ...], judge: Any, next: str, layer: Any = "foundation") -> Check:
    return Check(name, reason, ("az", *command, "--output", "json"), judge, next, layer)


def _enabled(answer: Any) -> Verdict:
    return Verdict(answer["state"] == "Enabled", f"{answer['name']}, {answer['state'].lower()}, as {answer['user']['name']}")


def _vcpus(env: Environment) -> dict[str, int]:
    """What all pools need at their maximum, by the name of the quota that counts it."""
    machines, needed = provider(env).instances, Counter[str]()
    for pool in (env.cluster.system_pool, *env.cluster.gpu_pools.values()):
        machine = machines[pool.instance]
        vcpus = pool.max * machine.vcpus
        if getattr(pool, "spot", False):
            needed["lowPriorityCores"] += vcpus
        else:
            needed["cores"] += vcpus
            needed[f"standard{machine.family}Family"] += vcpus
    return dict(needed)


def _quota(needed: dict[str, int], answer: Any) -> Verdict:
    quotas = {item["name"]["value"].casefold(): item for item in answer}
    short, said = False, []
    for name, vcpus in needed.items():
        quota = quotas.get(name.casefold(), {"limit": 0, "currentValue": 0})
        free = int(quota["limit"]) - int(quota["currentValue"])
        short |= free < vcpus
        said.append(f"{name} {vcpus} needed, {free} of {int(quota['limit'])} free")
    return Verdict(not short, "; ".join(said))


def _offered(size: str, zones: Sequence[str], answer: Any) -> Verdict:
    found = next((item for item in answer if item["name"] == size), None)
    if found is None:
        return Verdict(False, "not offered in the region")
    refused: set[str] = set()
    for restriction in found["restrictions"]:
        if restriction["type"] == "Location":
            return Verdict(False, f"restricted in the region: {restriction['reasonCode']}")
        refused |= set(restriction["restrictionInfo"]["zones"])
    open_zones = {zone for info in found["locationInfo"] for zone in info["zones"]} - refused
    missing = sorted(set(zones) - open_zones)
    return Verdict(not missing, f"not in zone {', '.join(missing)}" if missing else f"in zones {', '.join(sorted(open_zones)) or 'none'}")


def _registered(answer: Any) -> Verdict:
    registered = {item["namespace"].casefold() for item in answer if item["registrationState"] == "Registered"}
    missing = [name for name in RESOURCE_PROVIDERS if name.casefold() not in registered]
    return Verdict(not missing, f"not registered: {', '.join(missing)}" if missing else f"all {len(RESOURCE_PROVIDERS)} registered")


def _may_deploy(answer: Any) -> Verdict:
    roles = sorted({item["roleDefinitionName"] for item in answer})
    enough = "Owner" in roles or ("Contributor" in roles and any(role in roles for role in MAY_ASSIGN))
    return Verdict(enough, ", ".join(roles) or "no role")


def _version(wanted: str, answer: Any) -> Verdict:
    offered = [item["version"] for item in answer["values"] if not item.get("isPreview")]
    return Verdict(wanted in offered, f"offered: {', '.join(sorted(offered))}")


def _state_account(region: str, answer: Any) -> Verdict:
    wrong = [
        said
        for said, is_wrong in (
            (f"in {answer['primaryLocation']}, not {region}", answer["primaryLocation"] != region),
            ("account keys are on", answer["allowSharedKeyAccess"] is not False),
            ("blobs may be public", answer["allowBlobPublicAccess"] is not False),
        )
        if is_wrong
    ]
    return Verdict(not wrong, "; ".join(wrong) or f"in {region}, keys off")
