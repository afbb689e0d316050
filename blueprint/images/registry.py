"""A registry, through the OCI distribution API: read manifests and blobs, write them, and trust nothing without its digest."""

import hashlib
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3

from blueprint.errors import BlueprintError
from blueprint.images import login

DOCKER_HUB = "registry-1.docker.io"
INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
ACCEPT = ", ".join((*INDEXES, *MANIFESTS))
CHUNK = 1 << 20
RETRIES = urllib3.Retry(total=5, connect=1, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504), raise_on_status=False)


class RegistryError(BlueprintError):
    """A registry said no, was out of reach, or sent something else than asked for."""

    exit_code = 1


class Unreachable(RegistryError):
    """Nobody answers: asking for the next image would only wait as long again."""


@dataclass(frozen=True)
class Manifest:
    """A manifest or an index, as the bytes its digest is of."""

    content: bytes
    media_type: str

    @property
    def digest(self) -> str:
        return f"sha256:{hashlib.sha256(self.content).hexdigest()}"

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.content)
        return found

    @property
    def is_index(self) -> bool:
        return self.media_type in INDEXES


class Registry:
    """One host. `plain_http` is for a registry on this machine only."""

    def __init__(self, host: str, *, plain_http: bool = False) -> None:
        if plain_http and not _is_local(host):
            raise BlueprintError(f"--plain-http: {host} is not on this machine", "use https")
        self.host = host
        self._base = f"{'http' if plain_http else 'https'}://{DOCKER_HUB if host == 'docker.io' else host}"
        self._pool = _pool(self._base)
        self._tokens: dict[str, str] = {}

    def manifest(self, repository: str, reference: str) -> Manifest:
        """By tag or digest. Raises RegistryError if there is none, or its content is not what the digest says."""
        answer = self._call("GET", repository, f"manifests/{reference}", headers={"Accept": ACCEPT})
        found = Manifest(answer.data, answer.headers.get("Content-Type", "").split(";")[0])
        if reference.startswith("sha256:") and found.digest != reference:
            raise RegistryError(f"{self.host}/{repository} sent {found.digest} for {reference}", "somebody changes content on the way")
        return found

    def digest(self, repository: str, reference: str) -> str | None:
        """What a tag or digest is here, or None; nothing is downloaded."""
        answer = self._call("HEAD", repository, f"manifests/{reference}", headers={"Accept": ACCEPT}, allow=(404,))
        return None if answer.status == 404 else answer.headers.get("Docker-Content-Digest", "")

    def has_blob(self, repository: str, digest: str) -> bool:
        return self._call("HEAD", repository, f"blobs/{digest}", allow=(404,)).status != 404

    def download(self, repository: str, digest: str, target: IO[bytes], on_bytes: Callable[[int], None]) -> None:
        """A blob into a file, checked. Raises RegistryError if it is not what its digest says."""
        seen = hashlib.sha256()
        answer = self._call("GET", repository, f"blobs/{digest}", preload_content=False)
        try:
            for chunk in answer.stream(CHUNK):
                seen.update(chunk)
                target.write(chunk)
                on_bytes(len(chunk))
        except urllib3.exceptions.HTTPError as error:
            raise RegistryError(f"{self.host}/{repository}: the download of {digest} broke off: {error}") from None
        finally:
            answer.release_conn()
        if f"sha256:{seen.hexdigest()}" != digest:
            raise RegistryError(f"{self.host}/{repository} sent sha256:{seen.hexdigest()} for {digest}")

    def upload(self, repository: str, digest: str, source: IO[bytes], size: int) -> None:
        """A blob from a file; the registry checks its digest."""
        started = self._call("POST", repository, "blobs/uploads/")
        place = urljoin(self._base, started.headers["Location"])
        place += ("&" if urlsplit(place).query else "?") + urlencode({"digest": digest})
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        self._request("PUT", place, repository, headers=headers, body=source)

    def put(self, repository: str, reference: str, manifest: Manifest) -> None:
        """Raises RegistryError if the registry kept something else."""
        headers = {"Content-Type": manifest.media_type}
        answer = self._call("PUT", repository, f"manifests/{reference}", headers=headers, body=manifest.content)
        kept = answer.headers.get("Docker-Content-Digest", manifest.digest)
        if kept != manifest.digest:
            raise RegistryError(f"{self.host}/{repository} kept {kept} instead of {manifest.digest}")

    def _call(self, method: str, repository: str, path: str, **options: Any) -> urllib3.BaseHTTPResponse:
        return self._request(method, f"{self._base}/v2/{repository}/{path}", repository, **options)

    def _request(
        self,
        method: str,
        url: str,
        repository: str,
        *,
        allow: tuple[int, ...] = (),
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> urllib3.BaseHTTPResponse:
        """A request, and once more with a token where the registry asks for one."""
        scope = f"repository:{repository}:{'pull' if method in ('GET', 'HEAD') else 'pull,push'}"
        answer = self._send(method, url, {**(headers or {}), **self._authorization(scope, url)}, options)
        if answer.status == 401:
            self._tokens[scope] = self._log_in(answer.headers.get("WWW-Authenticate", ""), scope)
            if "body" in options and hasattr(options["body"], "seek"):
                options["body"].seek(0)
            answer = self._send(method, url, {**(headers or {}), **self._authorization(scope, url)}, options)
        if answer.status >= 400 and answer.status not in allow:
            raise RegistryError(f"{self.host}/{repository}: {_reason(answer)}", _advice(answer.status, self.host))
        return answer

    def _send(self, method: str, url: str, headers: Mapping[str, str], options: Mapping[str, Any]) -> urllib3.BaseHTTPResponse:
        return send(url, method, self._pool, headers=headers, **options)

    def _authorization(self, scope: str, url: str) -> dict[str, str]:
        """Our token, for this registry alone: uploads may be sent to another host."""
        ours = urlsplit(url).netloc == urlsplit(self._base).netloc
        return {"Authorization": self._tokens[scope]} if ours and scope in self._tokens else {}

    def _log_in(self, challenge: str, scope: str) -> str:
        """The header a registry asked for (RFC 6750; docs of the distribution project, "Token authentication")."""
        who = login.find(self.host)
        wanted = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        if challenge.lower().startswith("basic"):
            return who.basic if who else ""
        if "realm" not in wanted:
            raise RegistryError(f"{self.host} asks for a login we do not know: {challenge or 'it does not say which'}")
        query = {"service": wanted.get("service", ""), "scope": scope}
        if who and who.refresh_token:
            fields = {**query, "grant_type": "refresh_token", "refresh_token": who.refresh_token}
            answer = self._send("POST", wanted["realm"], {}, {"fields": fields, "encode_multipart": False})
        else:
            answer = self._send("GET", f"{wanted['realm']}?{urlencode(query)}", {"Authorization": who.basic} if who else {}, {})
        if answer.status >= 400:
            raise RegistryError(f"{self.host}: {_reason(answer)}", _advice(answer.status, self.host))
        token = answer.json()
        return f"Bearer {token.get('token') or token['access_token']}"


def send(url: str, method: str = "GET", pool: urllib3.PoolManager | None = None, **options: Any) -> urllib3.BaseHTTPResponse:
    """One request, tried again where that helps. Raises Unreachable if nobody answers."""
    try:
        return (pool or _pool(url)).request(method, url, **options)
    except urllib3.exceptions.HTTPError as error:
        host = urlsplit(url).netloc
        raise Unreachable(
            f"{host} cannot be reached: {getattr(error, 'reason', error)}", "check its name, the network and the proxy"
        ) from None


def _pool(url: str) -> urllib3.PoolManager:
    timeout = urllib3.Timeout(connect=10, read=120)
    parts = urlsplit(url)
    proxy = None if proxy_bypass(parts.netloc) else getproxies().get(parts.scheme)
    return urllib3.ProxyManager(proxy, timeout=timeout, retries=RETRIES) if proxy else urllib3.PoolManager(timeout=timeout, retries=RETRIES)


def _is_local(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def _reason(answer: urllib3.BaseHTTPResponse) -> str:
    """What the registry said, in its own words if it used the API's."""
    try:
        said = "; ".join(f"{error.get('code')} {error.get('message', '')}".strip() for error in answer.json()["errors"])
    except (ValueError, KeyError, TypeError, AttributeError):
        said = ""
    return f"HTTP {answer.status} {said}".strip()


def _advice(status: int, host: str) -> str:
    if status in (401, 403):
        return f"docker login {host}, as somebody who may"
    return "check name and tag" if status == 404 else ""
