"""`cdktf deploy eu-prod` itself, turned to the stand-ins as docs/getting-started.md says."""

import os
import subprocess
from pathlib import Path

import pytest

from blueprint.rehearsal import mirror
from blueprint.rehearsal.standin.inventory import Inventory

CLI = mirror.PROJECT / "node_modules" / ".bin" / "cdktf"


@pytest.mark.skipif(not CLI.exists(), reason="the cdktf command line is not installed; `make test` does that")
def test_cdktf_deploy_is_literal(tmp_path: Path) -> None:
    exports = "\n".join(mirror.exports(tmp_path / "standins"))
    environment = {**os.environ, "HOME": str(tmp_path / "home"), "CI": "1", "FORCE_COLOR": "0"}

    script = f"{exports}\ncdktf deploy eu-prod --auto-approve"
    done = subprocess.run(["sh", "-ec", script], cwd=mirror.PROJECT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Apply complete!" in done.stdout
    assert len(list(Inventory(tmp_path / "standins" / "cloud").things())) > 100
    assert not (tmp_path / "home" / ".terraform.d").exists()
    assert not (tmp_path / "home" / ".cdktf").exists()
