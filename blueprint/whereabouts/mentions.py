"""Hosts a text names, and how sure that is: a URL and `host:port` are addresses wherever they stand, a bare name under a key that
says so, and elsewhere where the catalogue knows the service.

What a person reads (descriptions, runbook links), what a schema is called and names clients call us by are no destinations.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote

from blueprint import hostnames
from blueprint.facts.values import last_key

URL = re.compile(
    r"(?i)\b(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^/\s@'\"<>]*@)?(?P<hosts>(\[[0-9a-f:]+\]|,(?![a-z][a-z0-9+.-]*://)|[^,/\s'\"<>;)\\?#|`])+)"
)
NO_ADDRESS = ("oci", "spiffe", "urn", "cid", "file", "pvc", "unix")  # oci: images and charts, which R08 looks at
BUCKETS = (
    "s3",
    "s3a",
    "s3n",
    "gs",
    "gcs",
    "az",
    "azblob",
    "hf",
    "huggingface",
    "abfs",
    "abfss",
    "wasb",
    "wasbs",
    "adl",
    "bigquery",
    "oss",
    "cos",
    "cosn",
    "obs",
    "ollama",
    "ngc",
    "modelscope",
)
DOMAINS = {"snowflake": ".snowflakecomputing.com"}  # of schemes whose addresses name an account: snowflake://u@acme.eu-central-1/db
WITH_AN_ADDRESS = re.compile(r"(?i)\b(?:s3|gs|as)://(?=https?://)")  # Triton: s3://https://host:443/bucket
APPENDED = re.compile(r"(?<=[a-z0-9])\$\{?\w+\}?$", re.IGNORECASE)  # nginx: https://host$request_uri
NAME = r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z]{2,}\.?"
ADDRESS = r"\d{1,3}(?:\.\d{1,3}){3}"
HOST = re.compile(rf"(?P<host>{NAME}|{ADDRESS})(?:[:@](?P<port>\d{{1,5}}))?(?P<path>/.*)?", re.IGNORECASE)
V6 = re.compile(r"\[?(?P<host>[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})\]?(?::\d+)?", re.IGNORECASE)
# Three labels and a common ending: what is spelled like that is no file and no module.
A_NAME = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.){2,}(?:com|net|org|io|ai|dev|cloud|xyz|co|eu|us|uk|de|fr|nl|ch|at|be|it|es|se|fi|no|dk|cz|ie|pt|ca|in|cn|jp|sg|au|br)"
)
AROUND = "\"'()<>[]{}`"
SHELLS = frozenset(("ssh", "autossh", "scp", "sftp", "rsync"))  # to whom user@host is no letter's address
PORT = re.compile(r"\d{2,5}")
ANY = "*"
CHOSEN_BY_CLIENTS = re.compile(r"(?i)\$\{?(http|arg|cookie)_\w")  # nginx: whatever host a request names
MOST_WORDS = 8  # of a line of configuration; longer ones are sentences
IDENTIFIER_URL = re.compile(r"(?i)(^|[.\]])(@type|type_?url|schema_?url|namespaceURI)$")
SPLIT = re.compile(r"[\s,;|<>?&]+|\{(?=[\"'])")
GIT = re.compile(rf"[\w.-]+@(?P<host>{NAME}):[\w./~-]+", re.IGNORECASE)
ASSIGNED = re.compile(r"(?P<key>[A-Za-z][\w.-]*)(?:=|\(|[\"']\s*:\s*)[\"']?(?P<value>.+)")  # host=…, syslog("…"), "host":"…"
BEFORE = re.compile(r"(?i)^(?:@{1,2}|(?:tcp|udp|tls|ssl|grpc|dns|dnssrv|http)(?:\+|:)|.*@tcp\(|.*@(?=[^@]*:\d))")
HOST_KEYS = re.compile(
    r"(?i)(^|[._/:(-])((host|hostname|hostaddr|endpoint|server|address|addr|smarthost|site|relay|broker|upstream|authority|target|target_?service|machine|monitor|peer|"
    r"proxyjump|portal|(peer|target|remote|server|upstream|backend|mount_?target)_?ip|syslog|network|replicaof|slaveof)s?"
    r"|server_list|bootstrap_servers|base_?ur[il]|(http|https|all)_proxy|forward|proxy_pass|reverse_proxy|data ?source)$"
    r"|^h$|[a-z0-9](Host|Hostname|Endpoint|Server|Address|Addr|Upstream|Proxy|Portal)s?$"
)
URL_KEYS = re.compile(r"(?i)(ur[il]|fqdn(_?suffix)?)s?$")
OF_A_MESH = re.compile(r"extensionProviders\[\d+\]\.\w+\.service$")  # Istio's sinks
FOR_PEOPLE = re.compile(
    r"(?i)(^|[.\[/])(description|runbook_?url|runbook|dashboard_?url|contact|maintainers|documentation|scopes?|audiences?|links?|openAPIV3Schema|"
    r"xmlns\S*|(\w+_)?licen[cs]e(_?ur[il])?)(\]|\.|\[|$)"
    r"|(^|[.\[/])(summary|message|home|homepage|sources|icon|schema|\$schema|\$id|\$ref|jsonSchemaDialect)(\.value)?(\[\d+\])*\]?$"
    r"|kubernetes\.io/description|last-applied-configuration|opencontainers\.image\.|artifacthub\.io/|panels\[\d+\].*\.content$"
    r"|\.(md|rst|jinja2?|css|svg|ipynb)([.\[]|$)"
)
# What must not be called: names in lists of what is refused are no destinations.
REFUSED = re.compile(
    r"(?i)(^|[._/-])(egress|ingress)?_?(deny|denied|block|blocked|black)_?(list|hosts|domains|ur[il]s|ips|cidrs)?(_?list)?([.\[]|$)"
)
PAGE = re.compile(r"(?i)\.html?([.\[]|$)")
# What a page in a browser sends to or fetches from; where its links lead is up to who clicks.
CALLED_BY_A_PAGE = re.compile(
    r"""(?i)(?:(?:action|src|poster)\s*=\s*|(?:fetch|sendBeacon|WebSocket|EventSource|import)\(\s*|\.open\(\s*["']\w+["']\s*,\s*)["']([^"']+)"""
)
OWN_NAMES = re.compile(
    r"(?i)(^|[./])(dnsNames|commonName|server_?Names?|sni|externalName|matchName|matchPattern|fqdn|no_proxy|"
    r"ingress(es)?|cluster_?domain|search(es|_?domains)?|listen)(\[|\.|$)|allowed_?(hosts|origins)|version(\.value)?$"
)
# A name of our own, or of whom is called: only somebody else's service tells which.
HOSTNAME = re.compile(r"(^|[./])(?:[hH]ostnames?|HOSTNAMES?)(\[|\.|$)")
# Addresses of our own that others are told: judged only where they are somebody else's service.
OWN_URLS = re.compile(
    r"(?i)(root|external|public|site|redirect|callback|logout|frontend|ingress|advertised)[_-]?(ur[il]|listener)s?"
    r"|allowed_?origins|ingress\.(?!kubernetes\.io/(auth-url|mirror-target|upstream-vhost)$)"
)
LEADS_ON = re.compile(
    r"(?i)rewrite|redirect|mirror|backend|destination|upstream|requestHeader|(^|\.)exporters\."
)  # where requests go on to, whoever is named
# What is asked for with a token, and what a document's words mean: names that are spelled like addresses.
ONLY_A_NAME = re.compile(
    r"(?i)\b(?:resource|scope|audience|xmlns(?::\w+)?)=[\"']?https?://[^\s\"']+|\b\w*schemaLocation=(\"[^\"]*\"|'[^']*')"
)
# Names of APIs, drivers and labels look like hosts.
IDENTIFIERS = re.compile(
    r"(?i)(^|[._@-])(names?|group|apiGroups?|apiVersion|kind|driver|provisioner|controller(_?name)?|key|topologyKey|labels?|class(_?name)?|"
    r"resources?|types?|annotations?|finalizers|prefix|image|repository|node-labels|taints?)$"
)


def may_name(text: str) -> bool:
    """Whether a text has what every address has: a dot, two colons, or a scheme. Most texts have none."""
    return "." in text or "://" in text or "::" in text


def hosts(path: str, text: str, loose: bool = False, bare: bool = True) -> tuple[str, ...]:
    """The hosts a text at a path names. `loose`: services the catalogue knows are meant whatever the key is; `bare`: names outside
    URLs count."""
    return _hosts(path, text, loose, bare) if may_name(text) else ()


@lru_cache(maxsize=100_000)
def _hosts(path: str, text: str, loose: bool, bare: bool) -> tuple[str, ...]:
    if FOR_PEOPLE.search(path) or REFUSED.search(path):
        return ()
    if PAGE.search(path):
        text, bare = " ".join(CALLED_BY_A_PAGE.findall(text)), False
    text = text.replace("\\/", "/")
    text = WITH_AN_ADDRESS.sub("", ONLY_A_NAME.sub("", text)) if "://" in text else text
    named = [*_in_addresses(text)] if "://" in text and not IDENTIFIER_URL.search(path) else []
    if bare and (LEADS_ON.search(path) or not OWN_NAMES.search(path)):
        words = _in_words(SPLIT.split(URL.sub(" ", text) if "://" in text else text), path, loose)
        ours = HOSTNAME.search(path) and not LEADS_ON.search(path)
        named += [name for name in words if not ours or _is_known(name)]
    own = named and OWN_URLS.search(path)
    known = (name for name in dict.fromkeys(named) if _plausible(name))
    return tuple(name for name in known if not own or _is_known(name))


def _is_known(name: str) -> bool:
    """Whether a host is one of a service of the catalogue."""
    return hostnames.match(hostnames.plain(name)) is not None


def _in_addresses(text: str) -> Iterator[str]:
    for found in URL.finditer(text):
        if found["scheme"].lower() in (*NO_ADDRESS, *BUCKETS):
            continue
        if CHOSEN_BY_CLIENTS.match(found["hosts"]):
            yield ANY
        else:
            domain = DOMAINS.get(found["scheme"].lower(), "")
            names = (unquote(_without_port(APPENDED.sub("", name))) for name in found["hosts"].split(","))
            yield from (name if name.endswith(domain) else name + domain for name in names)


def _in_words(words: list[str], path: str, loose: bool) -> Iterator[str]:
    """Names outside URLs. The word before says what one is (`host 'db.eu'`), the word after may be its port (`db.eu 5432`); one that is
    all a line of a file says is meant."""
    words = [word for word in words if word.strip("=:")]
    key, few = key_of(path), len(words) <= MOST_WORDS
    alone = loose and len(words) == 1 and path.startswith("data.") and not IDENTIFIERS.search(key)
    remote = key in SHELLS or not SHELLS.isdisjoint(words)
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        if "." not in word and "::" not in word:
            continue
        name = _host(word, key, loose and few)
        plain = word.rpartition("@")[2].strip(AROUND).lstrip(".")
        if not name and A_NAME.fullmatch(plain):
            told = (
                alone
                or URL_KEYS.search(key)
                or OF_A_MESH.search(path)
                or PORT.fullmatch(after)
                or HOST_KEYS.search(before.strip(AROUND + ":="))
            )
            name = plain if (remote if "@" in word else told) else ""
        if name:
            yield name


@lru_cache(maxsize=65_536)
def key_of(path: str) -> str:
    """The last word of a path; a named variable's is its name, of an option it has no dashes."""
    return last_key(path.removesuffix(".value")).lstrip("-")


def _host(token: str, key: str, loose: bool) -> str:
    """The host a word is, if it is one: `host=db.eu`, `tcp:db.eu,1433`, `db.eu:5432`."""
    assigned = ASSIGNED.fullmatch(token.strip("\"'()<>{}"))
    key, token = (assigned["key"], assigned["value"]) if assigned else (key, token)
    token = token.strip("\"'()<>[]{}")
    if git := GIT.fullmatch(token):
        return git["host"]
    plain = BEFORE.sub("", token.replace("]:", ":")).lstrip("/.")
    found = HOST.fullmatch(plain.replace(")", "")) or (V6.fullmatch(plain) if plain.count(":") > 1 else None)
    if found is None:
        return ""
    parts = found.groupdict()
    says_host = bool(HOST_KEYS.search(key))
    sure = bool(parts.get("port")) or (says_host and not parts.get("path"))
    known = (loose or says_host) and not IDENTIFIERS.search(key) and _is_known(found["host"])
    return found["host"] if sure or known else ""


def _without_port(name: str) -> str:
    return name if name.startswith("[") else name.partition(":")[0].rpartition("@")[2]


def _plausible(name: str) -> bool:
    """Whether this is a host and not a template that becomes one."""
    return name == ANY or (not re.search(r"[{}$%*()⟨⟩]", name) and bool(name.strip(".")))
