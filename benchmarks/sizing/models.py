"""The model a row names: its shape columns, and from the catalogue what a forward pass and its weights need."""

import re
from collections.abc import Mapping

from blueprint.catalog import Attention, Model, load_catalog
from blueprint.catalog.lookup import named

IMAGES = re.compile(r"llava|-vl-|vision|mistral-small-3|gemma-[34]|pixtral|qwen3\.[5-9]", re.IGNORECASE)


def model_of(row: Mapping[str, str]) -> Model | None:
    """A model of plain attention from shape columns, else the catalogue's; what no one knows of it stays small."""
    known = named(row["model"], load_catalog().models)
    if not row["layers"]:
        return known
    layers = Attention(kind="attention", count=int(row["layers"]), kv_heads=int(row["kv_heads"]), head_dim=int(row["head_dim"]))
    return Model(
        name=row["model"],
        label=row["model"],
        layers=(layers,),
        vocabulary=int(row["vocab"]),
        hidden=known.hidden if known else 1,
        feed_forward=known.feed_forward if known else 1,
        experts_per_token=known.experts_per_token if known else 0,
        max_context_tokens=known.max_context_tokens if known else None,
        multimodal=bool(IMAGES.search(row["model"])),
        source="shape columns of the row",
        as_of="2026",
    )
