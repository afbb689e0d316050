"""Writes every dashboard with some hours of data as a page and, where there is a Chromium, as a picture."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from modules.monitoring.dashboards import grafana, load
from tests.e2e.dashboards.answers import ask
from tests.e2e.dashboards.day import environment
from tests.e2e.dashboards.page import page, size
from tests.e2e.dashboards.store import Store, filled


def draw(store: Store, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, one in load().items():
        rendered = grafana.render(one, environment())
        answers = {panel["id"]: ask(store, panel) for panel in rendered["panels"] if panel["type"] != "row"}
        html = folder / f"{name}.html"
        html.write_text(page(rendered, answers), encoding="utf-8")
        _picture(html, *size(rendered))
        print(html)


def _picture(html: Path, width: int, height: int) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium:
        options = ["--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={width},{height}"]
        command = [chromium, *options, f"--screenshot={html.with_suffix('.png')}", html.resolve().as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "dashboards")
    with tempfile.TemporaryDirectory() as data, filled(Path(data)) as store:
        draw(store, folder)


if __name__ == "__main__":
    main()
