"""Who we are to a registry: what `docker login`, `az acr login` or `helm registry login` left in Docker's configuration."""

import base64
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOCKER_HUB = "https://index.docker.io/v1/"
ACR_USER = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Login:
    """A name and password, or a refresh token that buys access tokens (as Azure's registries give)."""

    user: str = ""
    password: str = ""
    refresh_token: str = ""

    @property
    def basic(self) -> str:
        """The Authorization header for a name and password."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()


def find(host: str) -> Login | None:
    """The login for a registry, or None: public images need none."""
    config = _config()
    names = (DOCKER_HUB, "docker.io") if host == "docker.io" else (host, f"https://{host}")
    for name in names:
        if helper := config.get("credHelpers", {}).get(name):
            return _from_helper(helper, name)
        if entry := config.get("auths", {}).get(name):
            if login := _from_entry(entry):
                return login
            if helper := config.get("credsStore"):
                return _from_helper(helper, name)
    return None


def _config() -> dict[str, Any]:
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    try:
        found: dict[str, Any] = json.loads((folder / "config.json").read_text())
    except (OSError, ValueError):
        return {}
    return found


def _from_entry(entry: dict[str, str]) -> Login | None:
    if token := entry.get("identitytoken"):
        return Login(refresh_token=token)
    if not (auth := entry.get("auth")):
        return None
    user, _, password = base64.b64decode(auth).decode().partition(":")
    return Login(refresh_token=password) if user == ACR_USER else Login(user, password)


def _from_helper(helper: str, name: str) -> Login | None:
    """Ask the credential store docker uses."""
    try:
        run = subprocess.run([f"docker-credential-{helper}", "get"], input=name, capture_output=True, text=True, timeout=30, check=True)
        answer = json.loads(run.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    if answer["Username"] in ("<token>", ACR_USER):
        return Login(refresh_token=answer["Secret"])
    return Login(answer["Username"], answer["Secret"])
