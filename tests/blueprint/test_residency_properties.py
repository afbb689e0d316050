"""No environment with a destination outside its zone validates, and none inside is refused (10,000: RESIDENCY_EXAMPLES=10000).

The oracle below is written from the matrix on the page (docs/concepts/residency.md), not from the code or its tables.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from blueprint.environment import Environment
from blueprint.environment.checks import run
from blueprint.environment.document import show

EXAMPLES = int(os.environ.get("RESIDENCY_EXAMPLES", "300"))

# --- the oracle's world -------------------------------------------------------------------------------------------------

ZONES = ["eu-sovereign", "eu-resident", "eea", "adequate", "global"]
CLASSES = ["public", "internal", "confidential", "personal", "special", "regulated-function"]
EU_WORDS = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
ADEQUATE_WORDS = "AD AR BR CA CH FO GB GG IL IM JE JP KR NZ UY"
EU = set(EU_WORDS.split(" "))
EEA = EU | {"IS", "LI", "NO"}
ADEQUATE = EEA | set(ADEQUATE_WORDS.split(" "))

MATRIX = {  # A allow, C with conditions, X denied unless its conditions are met, D denied
    "public": "AAAAA",
    "internal": "AAAAC",
    "confidential": "AAACX",
    "personal": "AAACX",
    "special": "ACCDD",
    "regulated-function": "ACCDD",
}
NEEDS = {
    ("internal", "global"): {"no_training"},
    ("confidential", "adequate"): {"confidentiality_contract", "encryption"},
    ("confidential", "global"): {"confidentiality_contract", "encryption", "access_assessment"},
    ("personal", "adequate"): {"transfer_record"},
    ("personal", "global"): {"standard_clauses", "transfer_assessment", "supplementary_measures"},
    ("special", "eu-sovereign"): {"impact_assessment"},
    ("special", "eu-resident"): {"impact_assessment", "customer_keys"},
    ("special", "eea"): {"impact_assessment", "customer_keys"},
    ("regulated-function", "eu-sovereign"): {"dora_register"},
    ("regulated-function", "eu-resident"): {"dora_register", "exit_plan", "concentration_note"},
    ("regulated-function", "eea"): {"dora_register", "exit_plan", "concentration_note"},
}
CONDITIONS = sorted(set().union(*NEEDS.values()) | {"processor_contract"})
AGELESS = {"customer_keys", "no_training", "confidentiality_contract", "encryption"}
GOOD, LONG_AGO, TOMORROW = date.today() - timedelta(30), date(2015, 1, 1), date.today() + timedelta(1)

AZURE = {
    "westeurope": "NL", "northeurope": "IE", "francecentral": "FR", "germanywestcentral": "DE", "swedencentral": "SE",
    "polandcentral": "PL", "norwayeast": "NO", "switzerlandnorth": "CH", "uksouth": "GB", "japaneast": "JP", "brazilsouth": "BR",
    "eastus": "US", "westus3": "US", "australiaeast": "AU", "southeastasia": "SG", "uaenorth": "AE",
}  # fmt: skip
SCALEWAY, AMAZON, MICROSOFT = ("FR", "Scaleway"), ("US", "Amazon"), ("US", "Microsoft")
S3 = {
    "fr-par": ("FR", *SCALEWAY),
    "pl-waw": ("PL", *SCALEWAY),
    "eu-central-1": ("DE", *AMAZON),
    "us-east-1": ("US", *AMAZON),
    "eu-west-2": ("GB", *AMAZON),
}
PROCESSING = {"Standard": "region", "ProvisionedManaged": "region", "DataZoneStandard": "data zone", "GlobalStandard": "anywhere"}
ENDPOINTS = {
    "https://s3.acme.internal": ("", "", ""),
    "https://s3.fr-par.scw.cloud": ("FR", *SCALEWAY),
    "https://s3.eu-central-1.amazonaws.com": ("DE", *AMAZON),
    "https://s3.us-east-1.amazonaws.com": ("US", *AMAZON),
}


@dataclass(frozen=True)
class Target:
    """A destination: its countries (None: any, empty: our own network), and the law over whoever operates it."""

    countries: frozenset[str] | None
    law: str
    operator: str
    kind: str = "content"


def one(country: str, law: str, operator: str, kind: str = "content") -> Target:
    return Target(frozenset({country} if country else ()), law, operator, kind)


def targets(data: dict[str, Any]) -> Iterator[Target]:
    cluster, state = data["cluster"], data["state"]
    site = (cluster.get("country", ""), cluster.get("operator", {}).get("jurisdiction", ""), "Site")
    clouds = {"onprem": site, "aks": (AZURE.get(cluster["region"], ""), *MICROSOFT), "kapsule": S3.get(cluster["region"], site)}
    yield one(*clouds[cluster["target"]])
    for api in data.get("apis", {}).values():
        account = AZURE[api["region"]]
        yield one(account, *MICROSOFT)
        how = PROCESSING[api["deployment"]]
        spread = frozenset(EU) if how == "data zone" and account in EU else None
        yield one(account, *MICROSOFT) if how == "region" else Target(spread, *MICROSOFT)
    if state["backend"] == "azurerm":
        yield one(AZURE[state["region"] or cluster["region"]], *MICROSOFT, "state")
    else:
        for country, law, operator in ({"frankfurt-1": site, **S3}[state["region"]], ENDPOINTS[state["endpoint"]]):
            yield one(country, law, operator, "state")


def column(target: Target, certified: bool) -> str:
    countries = target.countries
    if countries is None or not countries <= ADEQUATE | ({"US"} if certified else set()):
        return "global"
    if not countries <= EEA:
        return "adequate"
    if not countries <= EU:
        return "eea"
    return "eu-resident" if target.law and target.law not in EU else "eu-sovereign"


def fine(target: Target, said: dict[str, Any]) -> bool:
    certified = target.operator in said["dpf_recipients"]
    where = column(target, certified)
    if ZONES.index(where) > ZONES.index(said["zone"]):
        return False
    if said["country"] and (target.countries is None or not target.countries <= {said["country"]}):
        return False
    data_class = max(said["data_class"], "confidential", key=CLASSES.index) if target.kind == "state" else said["data_class"]
    if MATRIX[data_class][ZONES.index(where)] == "D":
        return False
    needed = set(NEEDS.get((data_class, where), set()))
    if CLASSES.index(data_class) >= CLASSES.index("personal") and target.law:
        needed.add("processor_contract")
        covered = {"adequate": ADEQUATE | ({"US"} if certified else set()), "global": {target.law}}.get(where, EEA)
        needed |= {"transfer_assessment"} if target.law not in covered else set()
    if data_class == "personal" and where == "adequate" and not (target.countries or set()) <= ADEQUATE:
        needed.add("standard_clauses")
    return needed <= set(said["conditions"])


def lawful(data: dict[str, Any]) -> bool:
    said = data["data_residency"]
    dates_count = all(day == GOOD or (day == LONG_AGO and name in AGELESS) for name, day in said["conditions"].items())
    promise = MATRIX[said["data_class"]][ZONES.index(said["zone"])] != "D"
    return dates_count and promise and all(fine(target, said) for target in targets(data))


# --- environments -------------------------------------------------------------------------------------------------------

POOL = {"instance": "Standard_NC24ads_A100_v4", "min": 1, "max": 1}
SHARED = {
    "name": "drawn",
    "description": "drawn by hypothesis",
    "organisation": "acme",
    "models": {"chat": {"model": "phi-4-14b", "format": "bf16", "max_context_tokens": 8192, "pool": "gpu"}},
    "gateway": {"hostname": "inference.acme.internal", "teams": {"all": {"data_class": "public"}}},
    "budget": {"amount_per_month": 90000, "starts": "2026-12-01", "contacts": ["a@acme.example"]},
}


ONPREM = YAML(typ="safe", pure=True).load(Path(__file__).parents[2] / "environments" / "dc-prod.yaml")
KAPSULE = {
    "target": "kapsule",
    "project": "6f1c1d2e-5a0b-4c53-9a52-0d8f5e3b7a11",
    "gpu_pools": {"gpu": {"instance": "H100-1-80G", "min": 1, "max": 1}},
    "organisation_budget": True,
    "api_server_from": ["198.51.100.0/24"],
    "keys_expire": "2099-01-01",
}
AZURE_NAMES = ["westeurope", "francecentral"] * 4 + list(AZURE)
COUNTRIES = ["DE", "FR", "NO", "CH", "US", "IN"]


@st.composite
def residency(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.just(CONDITIONS) | st.lists(st.sampled_from(CONDITIONS), unique=True))
    conditions = dict.fromkeys(names, GOOD)
    if names and draw(st.integers(0, 9)) == 0:
        conditions[draw(st.sampled_from(names))] = draw(st.sampled_from([LONG_AGO, TOMORROW]))
    return {
        "zone": draw(st.sampled_from(ZONES)),
        "data_class": draw(st.sampled_from(CLASSES)),
        "country": draw(st.sampled_from([None] * 4 + ["FR", "DE", "NL", "US"])),
        "conditions": conditions,
        "dpf_recipients": draw(st.sampled_from([{}, {}, {"Microsoft": GOOD, "Amazon": GOOD}])),
    }


@st.composite
def s3(draw: st.DrawFn) -> dict[str, Any]:
    region, endpoint = draw(st.sampled_from(list(S3))), draw(st.sampled_from(list(ENDPOINTS)))
    return {"backend": "s3", "region": region, "bucket": "tf", "endpoint": endpoint}


@st.composite
def aks(draw: st.DrawFn) -> dict[str, Any]:
    azure = st.sampled_from(AZURE_NAMES)
    cluster = {"target": "aks", "region": draw(azure), "zones": [], "gpu_pools": {"gpu": POOL}}
    kinds = st.sampled_from(["DataZoneStandard"] * 3 + list(PROCESSING))
    apis = {
        name: {"provider": "azure-openai", "model": "gpt-5.4", "region": draw(azure), "deployment": draw(kinds)}
        for name in ["first", "second"][: draw(st.integers(0, 2))]
    }
    state = draw(s3()) if draw(st.booleans()) else {"backend": "azurerm", "region": draw(st.none() | azure)}
    return {"cluster": cluster, "apis": apis, "state": state}


@st.composite
def kapsule(draw: st.DrawFn) -> dict[str, Any]:
    region = draw(st.sampled_from(["fr-par", "pl-waw"]))
    return {"cluster": {**KAPSULE, "region": region, "zone": f"{region}-2"}, "state": draw(s3())}


@st.composite
def onprem(draw: st.DrawFn) -> dict[str, Any]:
    operator = {"name": "Site", "jurisdiction": draw(st.sampled_from(COUNTRIES))}
    cluster = {**ONPREM["cluster"], "country": draw(st.sampled_from(COUNTRIES)), "operator": operator}
    own = {"backend": "s3", "region": cluster["region"], "bucket": "tf", "endpoint": "https://s3.acme.internal"}
    return {"models": ONPREM["models"], "cluster": cluster, "state": draw(st.just(own) | s3())}


@st.composite
def environments(draw: st.DrawFn) -> dict[str, Any]:
    return {**SHARED, "data_residency": draw(residency()), **draw(aks() | kapsule() | onprem())}


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(environments())
def test_an_environment_validates_if_and_only_if_all_its_destinations_are_lawful(data: dict[str, Any]) -> None:
    found = {show(finding.place): finding.message for finding in run(Environment.model_validate(data)) if finding.severity == "error"}
    event("lawful" if lawful(data) else "unlawful")
    assert (not found) == lawful(data), found
