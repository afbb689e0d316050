"""Names that must exist, be unique, or be accepted elsewhere."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from blueprint.catalog import load_catalog
from blueprint.environment import Aks, AzurermState, Environment
from blueprint.environment.checks.finding import Finding
from blueprint.environment.document import Place

STORAGE_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")


def unknown(place: Place, what: str, found: str, known: list[str], otherwise: str = "") -> Finding:
    """`found` is none of the known names; the nearest one is suggested."""
    close = get_close_matches(found, known, n=1, cutoff=0.7)
    return Finding(place, f"{found} is no {what}", _some(known), f"did you mean `{close[0]}`?" if close else otherwise)


def _some(known: list[str]) -> str:
    return ", ".join(known) if len(known) <= 12 else f"{', '.join(known[:8])}, … ({len(known)})"


def pool(env: Environment, name: str) -> Iterator[Finding]:
    """A deployment's pool exists."""
    known = list(env.cluster.gpu_pools)
    if env.models[name].pool not in known:
        yield unknown(("models", name, "pool"), "GPU pool of this environment", env.models[name].pool, known)


def model(env: Environment, name: str) -> Iterator[Finding]:
    """A deployment's model and format are in the catalogue, and the engine runs it."""
    catalog, deployment = load_catalog(), env.models[name]
    known = catalog.models.get(deployment.model)
    if known is None:
        step = "add it: catalog/models/<name>.yaml"
        yield unknown(("models", name, "model"), "model of the catalogue", deployment.model, list(catalog.models), step)
    elif deployment.format not in known.formats:
        step = f"measure its weights and add it to catalog/models/{known.name}.yaml"
        yield unknown(("models", name, "format"), f"format of {known.name} in the catalogue", deployment.format, list(known.formats), step)
    elif not (engine := catalog.engines["vllm"]).runs(known):
        message = f"vLLM {engine.version} has no {known.label} any more; {known.last_engine_version} was the last that had"
        yield Finding(("models", name, "model"), message, next="deploy another model")


def api_model(env: Environment, name: str) -> Iterator[Finding]:
    """A hosted model the catalogue does not know has no price, and may not exist; nor does anybody know the machine it needs."""
    provider, model = load_catalog().apis[env.apis[name].provider], env.apis[name].model
    if model not in provider.models:
        finding = unknown(("apis", name, "model"), f"model of {provider.label} in the catalogue", model, list(provider.models))
        step = finding.next or f"check the name; add it to catalog/apis/{provider.name}.yaml to have it priced"
        on_machines = any(known.node_type for known in provider.models.values())
        yield Finding(finding.place, finding.message, finding.allowed, step, "error" if on_machines else "warning")


def unique(env: Environment) -> Iterator[Finding]:
    """Models, adapters, APIs and aliases share the gateway's names."""
    taken = [*env.models, *env.apis, *env.gateway.aliases]
    for name, deployment in env.models.items():
        for adapter in deployment.adapters.names if deployment.adapters else ():
            if adapter in taken:
                place = ("models", name, "adapters", "names")
                yield Finding(place, f"{adapter} is the name of a model, an adapter, an API or an alias already", next="rename the adapter")
            taken.append(adapter)
    for name in env.apis:
        if name in env.models:
            yield Finding(("apis", name), f"{name} is the name of a model deployment too", next="rename one of them")
    for name in env.gateway.aliases:
        if name in {**env.models, **env.apis}:
            yield Finding(("gateway", "aliases", name), f"{name} is the name of a model or an API already", next="rename the alias")


def aliases(env: Environment) -> Iterator[Finding]:
    """An alias stands for a model or an API."""
    known = [*env.models, *env.apis]
    for name, target in env.gateway.aliases.items():
        if target not in known:
            yield unknown(("gateway", "aliases", name), "model or API of this environment", target, known)


def storage_accounts(env: Environment) -> Iterator[Finding]:
    """Azure's rule for storage accounts, ours and the state's."""
    used: dict[Place, str] = {("organisation",): env.unique_name("data")} if isinstance(env.cluster, Aks) else {}
    if isinstance(env.state, AzurermState) and env.state.storage_account:
        used["state", "storage_account"] = env.state.storage_account
    for place, name in used.items():
        if not STORAGE_ACCOUNT.fullmatch(name):
            yield Finding(place, f"{name} cannot be the name of a storage account", "3 to 24 lower-case letters and digits")
