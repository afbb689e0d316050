"""Whether the content of a secret is one: a key, a password, a token. Many charts take plain configuration from secrets, with
credentials by reference, by file or by variable; that is read like any config map."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from blueprint.facts.embedded import opened
from blueprint.facts.model import leaves
from blueprint.facts.plain import settings
from blueprint.facts.values import Found, Sensitive, Unknown

NAMED_SECRET = re.compile(r"(?i)(^|[_.-])(password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)$")
# Names that end like a secret and are only the name, path or number of one.
ONLY_A_NAME = re.compile(r"(?i)(name|ref|file|path|key_id|_url|ttl|max_?tokens?)$")
TOKENS = re.compile(
    r"(hf_[A-Za-z0-9]{20,}|sk-[A-Za-z0-9_-]{20,}|gh[pousr]_[A-Za-z0-9]{30,}|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----)"
)
IN_CONTENT = re.compile(
    r"(?i)(pass|password|passwd|passphrase|pwd|secret|token|cookie|credentials?|(api|access|account|auth|integration|license|private|routing|"
    r"secret|service|shared|signing|storage|webhook|app|user|bot|encryption|master|session)[_-]?(access[_-]?)?(key|token|secret))$"
)
IN_A_TEXT = re.compile(r"://[^/\s:@]+:[^/\s@$]+@|(?i:\b(bearer|basic)\s+[\w.~+/-]{8,})|\beyJ[\w-]{10,}\.[\w-]{10,}")
# What stands for a value that is elsewhere, or for none.
REFERENCE = re.compile(
    r"\$[({]|^\$\w+$|\{\{|os\.environ/|<path:|ref\+|^ENC\[|^(true|false|none|null|\d{1,5}|x+|empty|dummy|unused"
    r"|not[-_ ]?(needed|required|used)|sk-no-key-required)?$",
    re.IGNORECASE,
)
PLACE = re.compile(r"(?i)[a-z][a-z0-9+.-]*://[^\s@]+|[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?|true|false|\d{1,5}")
OF_A_PLACE = re.compile(
    r"(?i)(region|zone|location|endpoint|bucket|host(name)?|database|db(name)?|scheme|ur[il]|site|user(name)?|type|provider)$"
)
SEALED = re.compile(r"ENC\[AES256_GCM,data:[^\]]*\]")  # how SOPS writes what it has encrypted; R58 asks where its key is
OF_CREDENTIALS = ("kubernetes.io/", "bootstrap.kubernetes.io/", "helm.sh/")


def plain(secret: Mapping[str, Any]) -> dict[str, str] | None:
    """The texts of a Secret as whoever mounts it reads them; None where one of them is a credential, or may be."""
    if str(secret.get("type") or "").startswith(OF_CREDENTIALS):
        return None
    texts = dict(_texts(secret))
    clear = texts if "sops" not in secret else {name: text for name, text in texts.items() if not SEALED.fullmatch(text)}
    return None if any(holds_one(name, text) for name, text in clear.items()) else texts


def _texts(secret: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field in ("data", "stringData"):
        content = secret.get(field)
        for name, value in content.items() if isinstance(content, Mapping) else ():
            known = value.value if isinstance(value, Sensitive) else value
            if known is not None and known != "" and not isinstance(known, Unknown):
                yield str(name), _decoded(str(known)) if field == "data" else str(known)


def _decoded(text: str) -> str:
    """What base64 holds; the text itself where it is none, or sealed."""
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return text


@lru_cache(maxsize=4096)
def holds_one(name: str, text: str) -> bool:
    """Whether an entry of a secret is a credential, or a document with one in it."""
    if TOKENS.search(text) or IN_A_TEXT.search(text):
        return True
    document = opened(text)
    if not isinstance(document, dict | list):
        document = settings(text) if "\n" in text.strip() else None
    if document is None:
        harmless = REFERENCE.search(text) or PLACE.fullmatch(text) or OF_A_PLACE.search(name)
        return bool(IN_CONTENT.search(name)) or not harmless
    return any(map(_is_one, leaves(document)))


def _is_one(found: Found) -> bool:
    named = IN_CONTENT.search(found.key) and not ONLY_A_NAME.search(found.key)
    return bool(named) and found.value is not None and not REFERENCE.search(str(found.value))


def is_secret(name: str) -> bool:
    """Whether a variable of that name holds a credential."""
    return bool(NAMED_SECRET.search(name)) and not ONLY_A_NAME.search(name)
