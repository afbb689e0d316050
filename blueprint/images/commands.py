"""`blueprint images`: what its commands do and print."""

import json
import sys
from collections.abc import Mapping

from rich.console import Console
from rich.filesize import decimal
from rich.status import Status

from blueprint.errors import BlueprintError
from blueprint.images import bundle, lock, locking
from blueprint.images.lock import Lock, Platform
from blueprint.images.mirroring import Copier, Progress
from blueprint.images.places import Mirror, Upstream
from blueprint.synthesized import synthesize

SHORT = len("sha256:") + 12


def show(environment: str, *, as_json: bool) -> None:
    """Every image and chart with its users, and its digest if it is locked."""
    found, locked = bundle.read(synthesize(environment)), lock.load(environment)
    images = {name: {"used_by": list(users), "digest": _digest(locked, name)} for name, users in found.images.items()}
    if as_json:
        missing = locked.missing(found) if locked else [*found.images, *found.charts]
        content = {"environment": environment, "registry": found.registry, "images": images, "charts": dict(found.charts)}
        print(json.dumps({**content, "not_locked": missing}, indent=2))
        return
    for name, image in images.items():
        print(f"{name:<68} {(image['digest'] or 'not locked')[:SHORT]:<19}  {', '.join(image['used_by'])}")
    print(f"{len(images)} images and {len(found.charts)} charts in {found.registry}: {_state(environment, found, locked)}")


def write_lock(environment: str, *, source: str | None, platform: Platform, plain_http: bool) -> None:
    """Ask for every digest and write the lock; says what has changed against the last one."""
    found, before = bundle.read(synthesize(environment)), lock.load(environment)
    where = _source(source, plain_http)
    with _status(f"asking {source or 'the registries of the makers'}") as status:
        new = locking.lock(found, where, platform, lambda name, digest: status.update(f"{name} {digest[:SHORT]}"))
    text, file = lock.render(new, environment), lock.path(environment)
    if file.exists() and file.read_text(encoding="utf-8") == text:
        print(f"{file.name} is as it was: {len(new.images)} images, {len(new.charts)} charts")
        return
    file.write_text(text, encoding="utf-8")
    for name, change in _changes(before, new).items():
        print(f"  {change:<8} {name}")
    print(f"wrote {file.name}: {len(new.images)} images, {len(new.charts)} charts, platform {new.platform}; review and commit it")


def mirror(environment: str, *, source: str | None, target: str | None, plain_http: bool) -> None:
    """Copy what the lock names into the environment's registry."""
    found, locked = bundle.read(synthesize(environment)), lock.load(environment)
    if locked is None or locked.missing(found):
        raise BlueprintError(f"{environment} is {_state(environment, found, locked)}", "lock it, review the lock, then mirror")
    done: dict[str, int] = {"copied": 0, "there": 0}
    moved = [0]
    copier = Copier(_source(source, plain_http), Mirror(target or found.registry, plain_http=plain_http and target is not None))
    with _status(f"to {copier.target.address}") as status:

        def on_done(name: str, result: str) -> None:
            done[result] += 1
            status.console.print(f"  {result:<7} {name}", soft_wrap=True)

        def on_bytes(count: int) -> None:
            moved[0] += count
            status.update(f"{sum(done.values()) + 1} of {len(locked.images) + len(locked.charts)}, {decimal(moved[0])} so far")

        copier.progress = Progress(on_done, on_bytes)
        copier.mirror(locked)
    print(f"{done['copied']} copied ({decimal(moved[0])}), {done['there']} were there; all digests verified in {copier.target.address}")


def _source(source: str | None, plain_http: bool) -> Upstream | Mirror:
    return Mirror(source, plain_http=plain_http) if source else Upstream()


def _status(text: str) -> Status:
    return Status(text, console=Console(file=sys.stderr, highlight=False))


def _digest(locked: Lock | None, name: str) -> str:
    return locked.images[name].digest if locked and name in locked.images else ""


def _state(environment: str, found: bundle.Bundle, locked: Lock | None) -> str:
    if locked is None:
        return f"not locked; run: blueprint images lock {environment}"
    missing = locked.missing(found)
    return f"{len(missing)} not locked ({missing[0]}, …); run: blueprint images lock {environment}" if missing else "all locked"


def _changes(before: Lock | None, after: Lock) -> Mapping[str, str]:
    old, new = _flat(before), _flat(after)
    words = {name: "added" if name not in old else "removed" if name not in new else "changed" for name in sorted(old.keys() | new.keys())}
    return {name: word for name, word in words.items() if old.get(name) != new.get(name)}


def _flat(found: Lock | None) -> dict[str, str]:
    if found is None:
        return {}
    charts = {f"chart {name} {chart.version}": chart.digest for name, chart in found.charts.items()}
    return {**{name: image.digest for name, image in found.images.items()}, **charts}
