"""The model, card and weight format a row names."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from blueprint.catalog import Gpu, Model, load_catalog
from blueprint.catalog.lookup import named

SHAPES = Path(__file__).with_name("models.yaml")
ALIASES = {"deepseek-r1": "deepseek-v3", "glm-4.x": "glm-4.6"}
PRECISIONS = {"fp8": "fp8", "fp4": "mxfp4", "int4": "int4", "fp16/bf16": "bf16", "int8": "int8", "mxfp4": "mxfp4", "nvfp4": "nvfp4"}
IN_COMMANDS = (("fp8", "fp8"), ("gptq", "gptq-int4"), ("awq", "awq-int4"), ("int4", "int4"), ("int8", "int8"))
CARDS = (("h200", "h200-sxm"), ("h100 nvl", "h100-nvl"), ("h100 pcie", "h100-pcie"), ("h100", "h100-sxm"), ("a100 pcie", "a100-80"))
MORE_CARDS = (("a100 40", "a100-40"), ("a100 sxm 40", "a100-40"), ("a100", "a100-80-sxm"), ("l40s", "l40s"), ("mi300x", "mi300x"))


@cache
def shapes() -> tuple[dict[str, Model], dict[str, str]]:
    """Models of `models.yaml`, and the formats their repositories ship."""
    entries = yaml.safe_load(SHAPES.read_text(encoding="utf-8"))
    formats = {name: entry.pop("format") for name, entry in entries.items()}
    return {name: Model.model_validate({"name": name, **entry}) for name, entry in entries.items()}, formats


def model_of(row: Mapping[str, str]) -> Model | None:
    """By name, first from the models kept here, then from the catalogue."""
    name = row["model"].lower().rpartition("/")[2]
    name = ALIASES.get(name, name)
    ours = shapes()[0]
    return named(name, ours) or load_catalog().models.get(name) or named(row["model"], load_catalog().models)


def gpu_of(row: Mapping[str, str]) -> Gpu | None:
    """The card in a row's words; an H100 or A100 that says no more is the SXM one with 80 GB."""
    said = row["gpu"].lower()
    return next((load_catalog().gpus[name] for words, name in (*CARDS, *MORE_CARDS) if words in said), None)


def format_of(row: Mapping[str, str], model: Model) -> str:
    """From the column, else from the model the command serves, else as the repository ships it."""
    if row["precision"] in PRECISIONS:
        return "mxfp4" if model.name.startswith("gpt-oss") else PRECISIONS[row["precision"]]
    served = " ".join(re.findall(r"[\w.-]+/[\w.-]+", row.get("notes", ""))).lower()
    shipped = shapes()[1].get(model.name) or next(iter(model.formats), "bf16")
    return next((format for word, format in IN_COMMANDS if word in served), shipped)
