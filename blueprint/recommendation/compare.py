"""Engines, hardware and models side by side, for people and for programs."""

from collections.abc import Iterator
from typing import Any

from blueprint.catalog import Gpu, load_catalog
from blueprint.cost.wording import wrapped
from blueprint.recommendation.data import workloads
from blueprint.recommendation.engines import EngineRow, engine_rows, load_engines
from blueprint.recommendation.engines import why_default as why_engine
from blueprint.recommendation.hardware import CardRow, card_rows, judged_claims, load_hardware
from blueprint.recommendation.hardware import why_default as why_hardware
from blueprint.recommendation.models import USUAL_CONTEXT, best_fit


def engines() -> Iterator[str]:
    """Figures, marks, and why the default is the default."""
    known, rows = load_engines(), engine_rows()
    yield f"{'engine':<26}{'claimed tok/s':>14}{'first token':>13}{'cold start':>12}{'lab tok/s':>11}"
    yield from (_engine(row) for row in rows)
    yield ""
    yield wrapped(f"claimed: {known.benchmark.source}; lab: {known.lab.source}", 4)
    for label, mark in _marks(rows):
        yield wrapped(f"  {label}: {mark}")
    yield ""
    for row in rows:
        yield wrapped(
            f"{row.entry.label:<26}for {row.entry.good_for}. Look out: {row.entry.look_out}  [{row.entry.source}; {row.entry.as_of}]", 26
        )
    yield ""
    yield f"Why {known.engines[known.default].label}"
    for reason in why_engine():
        yield wrapped(f"  {reason}", 4)


def _engine(row: EngineRow) -> str:
    claimed, lab = row.entry.claimed, row.entry.measured_tokens_per_second
    if claimed is None:
        return f"{row.entry.label:<26}{'no figure was read':>39}"
    measured = f"{lab:,.0f}" if lab else "-"
    start = f"{claimed.cold_start_seconds:,.0f} s"
    return f"{row.entry.label:<26}{claimed.tokens_per_second:>14,.0f}{claimed.first_token_ms:>10,.0f} ms{start:>12}{measured:>11}"


def _marks(rows: list[EngineRow]) -> Iterator[tuple[str, str]]:
    for row in rows:
        if row.claimed_mark:
            yield f"{row.entry.label}, claimed", row.claimed_mark
        if row.measured_mark:
            yield f"{row.entry.label}, lab", row.measured_mark


def hardware() -> Iterator[str]:
    """Cards, what they hold, what they cost, and what was claimed of them."""
    known = load_hardware()
    letters = dict(zip("ABCDEFGH", (f"{one.model} {one.format}" for one in known.models), strict=False))
    yield f"{'card':<13}{'GiB':>6}{'TB/s':>7}{'BF16':>6}{'FP8':>6}{''.join(f'{letter:>6}' for letter in letters)}  list price an hour"
    yield from (_card(row) for row in card_rows())
    named = ", ".join(f"{letter} {name}" for letter, name in letters.items())
    held = f"requests of {USUAL_CONTEXT:,} tokens a card holds beside its weights, by sizing (no: it does not fit)"
    yield wrapped(f"{named}: {held}; BF16, FP8: peak TFLOPS.", 4)
    yield ""
    for entry in known.cards.values():
        rented = f", rented at {entry.rented[0]:g} to {entry.rented[1]:g} EUR an hour" if entry.rented else ""
        yield wrapped(f"{entry.label}: {entry.says}{rented}  [{entry.source}; {entry.as_of}]")
    yield ""
    yield f"Why {known.cards[known.default].label}"
    for reason in why_hardware():
        yield wrapped(f"  {reason}", 4)
    yield ""
    yield "What was claimed, and what sizing and the plausibility gate say"
    for claim, mark in judged_claims():
        yield wrapped(f"  {claim.says} ({claim.source}): {mark}", 4)


def _card(row: CardRow) -> str:
    if row.gpu is None:
        return f"{row.entry.label:<15} in no catalogue: not a data-centre card"
    speed = row.gpu.speed
    facts = (speed.bandwidth_tb_per_s, speed.bf16_tflops, speed.fp8_tflops) if speed else (None, None, None)
    held = "".join(f"{f'{one:,.0f}' if one else 'no':>6}" for one in row.holds)
    return (
        f"{row.gpu.name:<13}{row.gpu.memory_gib:>6.1f}"
        + "".join(f"{'-' if one is None else f'{one:g}':>{width}}" for one, width in zip(facts, (7, 6, 6), strict=True))
        + f"{held}  {_prices(row)}"
    )


def _prices(row: CardRow) -> str:
    """From and to, by currency."""
    spans: dict[str, tuple[float, float]] = {}
    for _, price in row.prices:
        low, high = spans.get(price.currency, (price.amount, price.amount))
        spans[price.currency] = min(low, price.amount), max(high, price.amount)
    said = [f"{low:.2f} {currency}" if low == high else f"{low:.2f} to {high:.2f} {currency}" for currency, (low, high) in spans.items()]
    return ", ".join(said) or "none known"


def models() -> Iterator[str]:
    """Open models by task, with licence, context and the cards they take."""
    known, catalog = workloads(), load_catalog()
    for task in known.tasks.values():
        yield wrapped(f"{task.label}: {task.why}. The article says {task.gpu}  [{known.source}; {known.as_of}]", 4)
        for name in task.models:
            model, licence = catalog.models[name], known.licences.get(name)
            yield f"  {model.label}: {licence.name if licence else 'licence unknown'}, context {model.max_context_tokens or 0:,}"
            fits = []
            for gpu in _compared():
                format, fit = best_fit(model, gpu, USUAL_CONTEXT)
                fits.append(f"{fit.gpus} x {gpu.name} in {format} ({fit.requests:,.0f})" if fit else f"not on {gpu.name}")
            yield wrapped(f"    takes {'; '.join(fits)}", 6)
        yield ""
    yield wrapped(f"In brackets: requests of {USUAL_CONTEXT:,} tokens, or of the model's own longest, held at once, by sizing.", 4)
    for name, licence in known.licences.items():
        if licence.eu:
            yield wrapped(f"{catalog.models[name].label}: {licence.eu}  [{licence.source}]")


def _compared() -> list[Gpu]:
    return [load_catalog().gpus[name] for entry in load_hardware().cards.values() for name in entry.gpus]


def as_dict(what: str) -> Any:
    """The same for programs."""
    if what == "engines":
        rows = [
            {"name": row.name, **row.entry.model_dump(), "claimed_mark": row.claimed_mark, "lab_mark": row.measured_mark}
            for row in engine_rows()
        ]
        return {"default": load_engines().default, "why": list(why_engine()), "engines": rows}
    if what == "hardware":
        cards = [
            {"kind": row.kind, "gpu": row.gpu.name if row.gpu else None, "holds": row.holds, **row.entry.model_dump()}
            for row in card_rows()
        ]
        return {
            "default": load_hardware().default,
            "why": list(why_hardware()),
            "cards": cards,
            "claims": [{**claim.model_dump(), "ours": mark} for claim, mark in judged_claims()],
        }
    return {**workloads().model_dump()}
