"""The model a row names: its shape columns, and from the catalogue what a forward pass and its weights need."""

import re
from collections.abc import Mapping
from math import sqrt

from blueprint.catalog import Attention, Model, load_catalog
from blueprint.catalog.lookup import named
from blueprint.catalog.models import Part

EXPERTS = re.compile(r"-a\d+b|mixtral|moe", re.IGNORECASE)
WIDER = 3.5  # feed-forward part over hidden size, as in Llama 3
IMAGES = re.compile(r"llava|-vl-|vision|mistral-small-3|gemma-[34]|pixtral|qwen3\.[5-9]", re.IGNORECASE)


def model_of(row: Mapping[str, str]) -> Model | None:
    """A model of plain attention from shape columns, else the catalogue's; what no one knows of it stays small."""
    known = named(row["model"], load_catalog().models)
    if not row["layers"]:
        return known
    layers = Attention(kind="attention", count=int(row["layers"]), kv_heads=int(row["kv_heads"]), head_dim=int(row["head_dim"]))
    hidden = known.hidden if known else _hidden(row, layers)
    feed_forward = known.feed_forward if known else round(WIDER * hidden)
    return Model(
        name=row["model"],
        label=row["model"],
        layers=(layers,),
        vocabulary=int(row["vocab"]),
        hidden=hidden,
        feed_forward=feed_forward,
        parameters=known.parameters if known else _parameters(layers, hidden, feed_forward),
        experts_per_token=known.experts_per_token if known else 0,
        max_context_tokens=known.max_context_tokens if known else None,
        multimodal=bool(IMAGES.search(row["model"])),
        encoder=known.encoder if known else None,
        source="shape columns of the row",
        as_of="2026",
    )


def _parameters(layers: Attention, hidden: int, feed_forward: int) -> dict[Part, int]:
    """Numbers of a dense model's layers."""
    attention = layers.count * 2 * hidden * (hidden + layers.kv_heads * layers.head_dim)
    return {"attention": attention, "feed_forward": layers.count * 3 * hidden * feed_forward}


def _hidden(row: Mapping[str, str], layers: Attention) -> int:
    """The hidden size of a dense model that has so many 16-bit weights: embedding and head, attention, and three feed-forward
    matrices; 1 where the row does not say how many, or where they are quantized or experts'."""
    try:
        weights = float(row.get("weights_gib_per_rank", "")) * float(row["tp"]) * 2**30 / 2
    except ValueError:
        return 1
    if row.get("quantization") or EXPERTS.search(row["model"]):
        return 1
    squares = layers.count * (2 + 3 * WIDER)
    linear = 2 * int(row["vocab"]) + 2 * layers.count * layers.kv_heads * layers.head_dim
    return max(1, round((sqrt(linear**2 + 4 * squares * weights) - linear) / (2 * squares)))
