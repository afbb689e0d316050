"""A new model of the catalogue as the text of its file, in the style of those that are there."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from blueprint.catalog import FOLDER, load_catalog
from blueprint.catalog.config_json import model_entry, shipped_format
from blueprint.catalog.models import Model
from blueprint.errors import BlueprintError
from blueprint.sizing.weights import weights_from_shapes

NAME = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")


def add_model(config: Path, name: str, label: str | None, repository: str | None, source: str | None, today: date) -> tuple[Path, float]:
    """Write `catalog/models/<name>.yaml` from a model's `config.json`; returns the file and the GiB of weights.

    Raises:
        BlueprintError: the file is no configuration sizing understands, or the name is taken or no name.
    """
    path = FOLDER / "models" / f"{name}.yaml"
    if not NAME.fullmatch(name):
        raise BlueprintError(f"{name!r} is no name of a model", "lower-case letters and digits, joined by . or -, such as qwen3.5-27b")
    if path.exists():
        raise BlueprintError(f"{name} is in the catalogue already", f"edit {path.parent.name}/{path.name}, or take another name")
    text, weights = render(_read(config), name, label or name, repository, source or f"config.json of {repository or name}", today)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BlueprintError(f"{path} cannot be written: {error.strerror}") from None
    return path, weights


def render(config: dict[str, Any], name: str, label: str, repository: str | None, source: str, today: date) -> tuple[str, float]:
    """The entry as YAML, and the GiB of weights its shapes give."""
    entry, engine = model_entry(config), load_catalog().engines["vllm"]
    if last := engine.last_with(config.get("architectures") or ()):
        entry["last_engine_version"] = last
    format, said = shipped_format(config), {"source": source, "as_of": today}
    model = Model.model_validate({"name": name, "label": label, **entry, **said})
    weights = round(weights_from_shapes(model, format, engine), 2)
    computed = {"source": "computed from the parameters above", "as_of": today}
    formats = {format: {"weights_gib": weights, **({"repository": repository} if repository else {}), **computed}}
    lines = [f"label: {_scalar(label)}", "layers:", *(f"  - {_flow(layer)}" for layer in entry.pop("layers"))]
    for key, value in {**entry, **said}.items():
        lines.append(f"{key}: {_flow(value) if isinstance(value, dict) else _scalar(value)}")
    lines += ["formats:", *(f"  {each}: {_flow(value)}" for each, value in formats.items())]
    return "\n".join(lines) + "\n", weights


def _read(config: Path) -> dict[str, Any]:
    try:
        found = json.loads(config.read_text(encoding="utf-8"))
    except OSError as error:
        raise BlueprintError(f"{config} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise BlueprintError(f"{config} is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise BlueprintError(f"{config} holds no object", "take the config.json beside the model's weights")
    return found


def _flow(value: dict[str, Any]) -> str:
    return yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10**6).strip()


def _scalar(value: Any) -> str:
    return yaml.safe_dump(value, width=10**6).removesuffix("\n").removesuffix("...").strip()
