"""Puts stand-ins where Terraform looks for providers, and keeps it from everything else.

A rehearsal's folder holds

    mirror/         the stand-ins, in the layout of a filesystem mirror
    terraform.rc    a CLI configuration that knows only this mirror
    lock.hcl        the dependency lock the stacks get: without one cdktf asks the registry
    plugin.pem/.key the certificate between Terraform and the stand-ins
    cloud/          what exists: one file per thing
    state/          Terraform's state, one file per stack
"""

import base64
import hashlib
import json
import os
import shlex
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from blueprint import terraform
from blueprint.node import node
from blueprint.rehearsal.standin import SCHEMAS

PLATFORMS = ("linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64")
PROJECT = Path(__file__).parents[2]
START = "import importlib, sys; sys.path.insert(0, sys.argv[1]); importlib.import_module(sys.argv[2]).serve(*sys.argv[3:])"
STAND_IN = "blueprint.rehearsal.standin"


def write(folder: Path, registry: str, others: Mapping[str, str] = MappingProxyType({})) -> None:
    """Create or refresh the stand-ins in `folder`, as if they came from a registry; what exists in their cloud, and its state, stay.
    `others` names modules that serve a provider in our stand-in's place (provider → module)."""
    folder.mkdir(parents=True, exist_ok=True)
    mirror = folder / "mirror"
    (folder / "terraform.rc").write_text(
        f'disable_checkpoint = true\nprovider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
    )
    programs = {schemas: _script(others.get(schemas.stem, STAND_IN), schemas.stem, folder) for schemas in sorted(SCHEMAS.glob("*.json"))}
    (folder / "lock.hcl").write_text("".join(_install(mirror / registry, schemas, script) for schemas, script in programs.items()))
    if not (folder / "plugin.pem").exists():
        _write_certificate(folder / "plugin.pem")


def environment(folder: Path) -> dict[str, str]:
    """The variables that lead Terraform, cdktf and `main.py` to the stand-ins in `folder`, and to nothing else."""
    return {
        "TF_CLI_CONFIG_FILE": str(folder / "terraform.rc"),
        "BLUEPRINT_STANDINS": str(folder),
        "CHECKPOINT_DISABLE": "1",
        "CDKTF_OUTPUT": str(folder / "cdktf.out"),
        "CDKTF_HOME": str(folder / "cdktf-home"),
        "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "true",
    }


def exports(folder: Path) -> list[str]:
    """Create the stand-ins in `folder`; returns the lines that turn a shell to them, our Node, CLI and Terraform first on PATH."""
    program = terraform.find()
    write(folder, program.registry)
    variables = {**environment(folder), "TERRAFORM_BINARY_NAME": str(program.path)}
    if (ours := node()) is not None:
        variables["JSII_NODE"] = str(ours)
    tools = f"{Path(sys.executable).parent}:{PROJECT / 'node_modules' / '.bin'}"
    return [*(f"export {name}={shlex.quote(value)}" for name, value in variables.items()), f'export PATH={shlex.quote(tools)}:"$PATH"']


def _install(registry: Path, schemas: Path, script: str) -> str:
    """Install one provider; returns its entry for the lock file."""
    content = json.loads(schemas.read_text())
    name, source, version = schemas.stem, content["source"], content["version"]
    program = f"terraform-provider-{name}_v{version}"
    for place in (registry / source / version / platform for platform in PLATFORMS):
        place.mkdir(parents=True, exist_ok=True)
        (place / program).write_text(script)
        (place / program).chmod(0o755)
    digest = hashlib.sha256(f"{hashlib.sha256(script.encode()).hexdigest()}  {program}\n".encode()).digest()
    locked = f'  version = "{version}"\n  constraints = "{version}"\n  hashes = ["h1:{base64.b64encode(digest).decode()}"]\n'
    return f'provider "{registry.name}/{source}" {{\n{locked}}}\n'


def _script(module: str, name: str, folder: Path) -> str:
    """The program Terraform starts. A shell does it, so that paths may hold spaces and be long."""
    return f"#!/bin/sh\nexec {shlex.join([sys.executable, '-c', START, str(PROJECT), module, name, str(folder)])}\n"


def _write_certificate(path: Path) -> None:
    """A certificate for localhost that only the user can use; Terraform gets it in the handshake."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    since, until = (datetime.now(UTC) + timedelta(days=days) for days in (-1, 3650))
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), since, until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    with os.fdopen(os.open(path.with_suffix(".key"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
