"""Host names: which are inside (the cluster, a private network), and which service of the catalogue another one belongs to."""

import re
import socket
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from unicodedata import normalize
from urllib.parse import urlsplit

from blueprint import residency_catalog as catalog

# RFC 6761 (localhost), RFC 6762 (local), RFC 8375 (home.arpa), ICANN resolution 2024.07.29.06 (internal), Kubernetes DNS.
INSIDE = ("localhost", "local", "internal", "home.arpa", "svc", "cluster.local")

# RFC 1918, 6598, 4193 and loopback, link-local and unspecified addresses. Addresses for documentation are no private ones.
PRIVATE = [
    ip_network(block)
    for block in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "0.0.0.0/32"),
        *("::/128", "::1/128", "fc00::/7", "fe80::/10"),
    )
]

Network = IPv4Network | IPv6Network
V4_IN_V6 = 96  # bits before the IPv4 address in ::ffff:0:0/96 (RFC 4291)
CIDR = re.compile(r"[0-9a-fA-F.:]+/\d{1,3}")
WELL_FORMED = re.compile(r"[\w-]+(\.[\w-]+)+")


@dataclass(frozen=True)
class Service:
    """A service of the catalogue. `location` is a country's code, `eu` (some member state), `anywhere`, or `account` (the name does
    not say where; the account behind it does). `cloud`: the region stands in the host's name. `residual` says why a platform
    cannot do without."""

    name: str
    hosts: tuple[str, ...]
    operator: str
    source: str
    as_of: object
    location: str | tuple[str, ...] = ""
    cloud: str = ""
    residual: str = ""
    next: str = ""


@dataclass(frozen=True)
class Match:
    """A service, and the region its host's name carries."""

    service: Service
    region: str = ""


def plain(name: str) -> str:
    """A host's name as DNS compares it, from a URL, `host:port`, `[IPv6]`, a CIDR block or a bare name; empty if it is none."""
    text = normalize("NFKC", name).replace("。", ".").strip().lower()
    if CIDR.fullmatch(text):
        return text
    text = text.split("://", 1)[-1].split("/", 1)[0].rsplit("@", 1)[-1]
    if text.count(":") > 1 and not text.startswith("["):
        return text
    try:
        return (urlsplit(f"//{text}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def network(name: str) -> Network | None:
    """The addresses a plain name is, in any of the spellings resolvers take (134744072 and 0x08080808 are 8.8.8.8)."""
    try:
        found = ip_network(name, strict=False)
    except ValueError:
        return _shorthand(name)
    mapped = getattr(found.network_address, "ipv4_mapped", None)
    return ip_network(f"{mapped}/{found.prefixlen - V4_IN_V6}") if mapped and found.prefixlen >= V4_IN_V6 else found


def _shorthand(name: str) -> Network | None:
    try:
        return ip_network(socket.inet_ntoa(socket.inet_aton(name))) if name[:1].isdigit() else None
    except OSError:
        return None


def is_inside(name: str) -> bool:
    """Whether a plain name stays in the cluster or its private network; a single word is a Kubernetes service."""
    found = network(name)
    if found is not None:
        return is_private(found)
    if "." not in name:
        return name != "*"
    own = WELL_FORMED.fullmatch(name) is not None and name.rpartition(".")[2] not in top_level_domains()
    return own or any(name.endswith(f".{ending}") for ending in INSIDE)


@cache
def top_level_domains() -> frozenset[str]:
    """What names of the public DNS end in (`catalog/residency/top_level_domains.yaml`)."""
    content = catalog.table("residency/top_level_domains.yaml")
    return frozenset((*content["domains"].split(), *content["documentation"]))


@cache
def endings_of_namespaces() -> frozenset[str]:
    """Those of them that namespaces are called by, too."""
    return frozenset(catalog.table("residency/top_level_domains.yaml")["namespaces"])


def is_private(found: Network) -> bool:
    """Whether all of a range is private."""
    return any(lies_in(found, block) for block in PRIVATE)


def lies_in(inner: Network, outer: Network) -> bool:
    """Whether one range is part of another."""
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def match(name: str) -> Match | None:
    """The service a plain name belongs to, by the longest pattern that fits."""
    found_network = network(name)
    if found_network is not None:
        name = str(found_network.network_address) if found_network.num_addresses == 1 else ""
    for pattern, service in _patterns().get(_domain(name), ()):
        if found := _expression(pattern).fullmatch(name):
            return Match(service, found.groupdict().get("region", ""))
    return None


@cache
def services() -> tuple[Service, ...]:
    """Every service of `catalog/residency/hosts/`."""
    paths = sorted(path.relative_to(catalog.FOLDER).as_posix() for path in catalog.FOLDER.glob("residency/hosts/*.yaml"))
    return tuple(service for path in paths for service in _read(path))


def _read(path: str) -> list[Service]:
    content = catalog.table(path)
    common = {"source": content["source"], "as_of": content["as_of"]}
    return [
        catalog.entry(Service, path, name, {**common, "name": name, **fields, "hosts": tuple(fields["hosts"])})
        for name, fields in content["services"].items()
    ]


@cache
def _patterns() -> dict[str, list[tuple[str, Service]]]:
    """Patterns by the domain they end in, the most specific first."""
    found: dict[str, list[tuple[str, Service]]] = {}
    for service in services():
        for pattern in service.hosts:
            found.setdefault(_domain(pattern), []).append((pattern, service))
    return {domain: sorted(patterns, key=lambda entry: -_literal(entry[0])) for domain, patterns in found.items()}


def _literal(pattern: str) -> int:
    return len(pattern.replace("{region}", "").replace("*", ""))


def _domain(name: str) -> str:
    return name if name[-1:].isdigit() else ".".join(name.removeprefix(".").split(".")[-2:])


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    """`*` is any part of a name, `{region}` a region's name, and a leading dot the domain and everything below it."""
    below = r"(.+\.)?" if pattern.startswith(".") else ""
    text = re.escape(pattern.removeprefix("."))
    return re.compile(below + text.replace(r"\*", ".+").replace(r"\{region\}", r"(?P<region>[a-z0-9-]+?)"))
