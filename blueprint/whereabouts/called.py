"""Hosts that a Terraform resource's texts name: settings of programs, policies, scripts, pipelines.

Those the catalogue knows are judged wherever they stand; most others are the stack's own.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from blueprint import hostnames
from blueprint.facts import Found, Resource, Sensitive, Unknown
from blueprint.facts.embedded import opened
from blueprint.places import Place, anywhere, host, residual
from blueprint.whereabouts import mentions
from blueprint.whereabouts.accounts import account, is_ending, is_own
from blueprint.whereabouts.home import home
from blueprint.whereabouts.model import Residence, Role

# Why a host is called, by the name of what says so: people sign in there, code or images come from there.
SIGN_IN = re.compile(r"(?i)(issuer|openid|oidc|saml|sso|sign_?on|login|entity_id)[^.]*$")
SOURCES = re.compile(r"(?i)(repo|git|registry|image|module|package|catalog)[^.]*$")
TRUSTED = re.compile(r"(^|\.)(issuer|audience)s?(\[\d+\])?$")  # of tokens: compared, not called
# Where every known service is meant that is named; elsewhere the names of services are often principals, types and labels.
SCRIPTS = re.compile(r"(?i)(custom_data|user_?data|cloud[_-]?init|script|command|settings|environment|metadata)")
UPLOADS = re.compile(r"\bcurl\b[^|;&\n]*\s(-T|-d|-F|--data|--upload-file|--form|-X\s*(POST|PUT))|\b(scp|rsync|azcopy)\s")
IMAGE = re.compile(r"(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::\d+)?/[\w./-]+[:@]\S+$")  # an image with its registry
WHY, NEXT = "the program is told to call it", "use a service inside the zone, or add the host to catalog/residency/hosts/"
SHORTEST = 16  # of base64, in which a document may be
PROBES = re.compile(r"web_?test|uptime|synthetic|health_?check")  # types that ask our own pages from outside
COMMENT = re.compile(r"(?m)^\s*(#|//).*$|<!--(?s:.*?)-->")  # whole lines only: what begins within one may stand in quotes
ADDRESS = re.compile(r"[\d./]+|[0-9a-fA-F:./]+")
NUMBERS = (bool, int, float)
DEEPEST = 8
# A region among variables and settings of programs: env.AWS_REGION, options.awslogs-region.
SAYS_REGION = re.compile(r"(?i)(env\w*|settings|variables|options)(\[\d+\])*\.(.*[._-])?(region|location)(_?name)?(\.value)?$")


def told(settings: Found, resource: Resource) -> Iterator[Residence]:
    """Hosts a program is told to call, whatever document they stand in."""
    for leaf in texts(settings.value, settings.path):
        yield from called(leaf, resource)


def called(leaf: Found, resource: Resource) -> Iterator[Residence]:
    """Hosts one text names, and the region a program is told. What a secret names stays secret."""
    secret = isinstance(leaf.value, Sensitive)
    text = leaf.value.value if isinstance(leaf.value, Sensitive) else leaf.value
    if not isinstance(text, str) or TRUSTED.search(leaf.path):
        return
    if SAYS_REGION.search(leaf.path) and (region := anywhere(text)):
        yield Residence(Role.processing, leaf.path, "(sensitive)" if secret else text, region, "the program is told to work there")
    text = COMMENT.sub("", text) if "\n" in text else text
    if not mentions.may_name(text):
        return
    registry = IMAGE.match(text) if mentions.IDENTIFIERS.search(mentions.key_of(leaf.path)) else None
    for name in [registry["host"]] if registry else mentions.hosts(leaf.path, text, loose=SCRIPTS.search(leaf.path) is not None):
        for place in _places(name, text, resource):
            if isinstance(place, Place) and not residual(name):
                shown, known = ("(sensitive)", replace(place, label="a host in a secret")) if secret else (name, place)
                yield Residence(_purpose(leaf.path), leaf.path, shown, known, WHY)
            elif isinstance(place, Unknown) and opened(text) is None:  # of a document, its own leaves are looked at
                shown, unknown = ("(sensitive)", Unknown("nobody can place a host in a secret")) if secret else (name, place)
                yield Residence(Role.processing, leaf.path, shown, unknown, WHY, NEXT)


def _places(name: str, told: str, resource: Resource) -> list[Place | Unknown]:
    """Where a host is: accounts are where the stack's resource of that name is; the stack's own hosts, and addresses that stand alone,
    which are a network's, answer for themselves."""
    place = host(name)
    if isinstance(place, Place) or resource.facts is None:
        return [place]
    if owner := account(hostnames.plain(name), resource.facts):
        return [residence.place for residence in home(owner)]
    plain = hostnames.plain(name)
    ours = ADDRESS.fullmatch(told) or is_ending(plain) or PROBES.search(resource.type) or is_own(plain, resource.facts)
    return [] if ours else [place]


def _purpose(path: str) -> Role:
    if SIGN_IN.search(path):
        return Role.identity
    return Role.source if SOURCES.search(path) else Role.processing


def texts(value: Any, path: str = "", depth: int = 0) -> Iterator[Found]:
    """Every text inside that may name a host or be an id, and every region of a program's settings, documents in texts included;
    most texts are neither, and are passed over fast. A variable is called by its name: `env.DB_HOST`."""
    if isinstance(value, str | Sensitive):
        plain = value.value if isinstance(value, Sensitive) else value
        if not isinstance(plain, str) or ("." not in plain and "/" not in plain and len(plain) < SHORTEST and not SAYS_REGION.search(path)):
            return
        yield Found(path, value)
        if depth < DEEPEST and (inside := opened(value)) is not None:
            yield from texts(inside, path, depth + 1)
    elif isinstance(value, dict):
        name = value.get("name")
        here = f"{path}.{name}" if isinstance(name, str) and "value" in value else path
        for key, item in value.items():
            if item is not None and item.__class__ not in NUMBERS:
                yield from texts(item, f"{here}.{key}" if here else str(key), depth)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from texts(item, f"{path}[{index}]", depth)
