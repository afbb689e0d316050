"""Layouts by vLLM's own code against `blueprint.kv_cache`: integers must be equal."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from blueprint import kv_cache as kv
from blueprint.catalog import Layers, State, config_layers, load_catalog
from blueprint.catalog.lookup import named
from blueprint.errors import BlueprintError

GIB = 2**30


@dataclass(frozen=True)
class Vector:
    """One layout: (groups, blocks, tokens, concurrency), ours and vLLM's."""

    name: str
    ours: tuple[int, int, int, float] | None
    expected: tuple[int, int, int, float]

    @property
    def equal(self) -> bool:
        """Whether all four agree, the concurrency to the two decimals vLLM prints."""
        return self.ours == self.expected


def score(path: Path) -> list[Vector]:
    """Every vector of a file.

    Raises:
        BlueprintError: it is no file of vectors.
    """
    try:
        vectors = json.loads(path.read_text(encoding="utf-8"))["vectors"]
        return [_vector(vector) for vector in vectors]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BlueprintError(
            f"{path} holds no layouts: {error!r}", "the keys are those of benchmarks/sizing/vllm_kv_layouts.json"
        ) from None


def _vector(vector: dict[str, Any]) -> Vector:
    expected = (vector["kv_groups"], vector["num_blocks"], vector["capacity_tokens"], round(vector["max_concurrency"], 2))
    name = f"{vector['model']}, {vector['case']}, {vector['layout']}, {vector['available_gib_per_rank']} GiB"
    layers = _layers(vector)
    if layers is None:
        return Vector(name, None, expected)
    case = vector["case"].lower()
    ways = int(vector.get("tp") or (re.search(r"tp(\d+)", case) or [1, 1])[1])
    stated = re.search(r"block (\d+)", case)
    layout = kv.layout(
        layers,
        ways,
        1 if re.search(r"fp8\S* kv", case) else 2,
        pipeline_parallel=int((re.search(r"pp(\d+)", case) or [1, 1])[1]),
        block_tokens=int(stated[1]) if stated and _has_state(layers) else None,
        block_outermost=vector["layout"].startswith("B"),
    )
    blocks, length = layout.blocks(vector["available_gib_per_rank"] * GIB), vector["max_model_len"]
    states = 2 if vector["mamba_cache_mode"] == "align" else 1
    concurrency = blocks / layout.blocks_per_request(length, vector["max_num_batched_tokens"], states)
    return Vector(name, (len(layout.groups), blocks, int(concurrency * length), round(concurrency, 2)), expected)


def _layers(vector: dict[str, Any]) -> tuple[Layers, ...] | None:
    """Those of its part of a config.json, else of the model of the catalogue it names."""
    if "config" in vector:
        return tuple(TypeAdapter(list[Layers]).validate_python(config_layers.layers(config_layers.language_model(vector["config"]))))
    model = named(vector["model"], load_catalog().models)
    return model.layers if model else None


def _has_state(layers: tuple[Layers, ...]) -> bool:
    return any(isinstance(layer, State) for layer in layers)
