"""A recommendation for people: one screen with the answer first, or all of it."""

from collections.abc import Iterator

from blueprint.cost.wording import columns, counted, wrapped
from blueprint.recommendation.result import Option, Recommendation, UseCaseAdvice, WeighedPlacement

WIDE = 110  # columns: where there are fewer, the reason is below its use case
SHARED = ("self-hosted", "hybrid")
HEARD = ("break-even", "bill")
STATED = {"yes": "yes", "no": "no", "unknown": "?"}


def screen(found: Recommendation) -> Iterator[str]:
    """What a person decides by."""
    yield from (wrapped(sentence) for sentence in found.answer)
    yield ""
    yield from _table(found)
    yield ""
    yield from (wrapped(f"{one.name:<26}{one.finding}", 26) for one in found.dimensions)
    yield ""
    yield wrapped(_checklist(found))
    yield from _titled("Beware", [f"{one.name}: {one.why}" for one in found.mistakes])
    yield from _titled("Before anything is built", _first(found))
    yield from _titled("Hosted open models, lawful for the data (name one in `apis:` to have it weighed)", _offers(found))
    yield from _titled("Ask next", list(found.ask_next))
    yield from _titled("You may have read", [_rule(found), *_heard(found)])
    yield ""
    yield wrapped(
        f"Decide again by {found.review.on} ({found.review.because}). --full for all of it, --only NAME for one use case, --format json", 2
    )


def _table(found: Recommendation) -> Iterator[str]:
    """A line per use case; those on machines have no price of their own there, so theirs is one line below."""
    names = 2 + max(len("use case"), *(len(one.name) for one in found.use_cases))
    classes = 2 + max(len(one.data_class) for one in found.use_cases)
    yield f"{'use case':<{names}}{'data':<{classes}}{'where':<13}{'how sure':<13}{'EUR a month':>11}{'  why' if columns() >= WIDE else ''}"
    for one in found.use_cases:
        euros = "shared" if one.placement == "self-hosted" else "" if one.apart is None else f"{one.apart:,.0f}"
        euros = f"+ {euros}" if one.placement == "hybrid" and euros else euros
        head = f"{one.name:<{names}}{one.data_class:<{classes}}{one.placement:<13}{one.confidence:<13}{euros:>11}  "
        why = one.reasons[0].text if one.reasons else ""
        yield from [wrapped(head + why, len(head))] if columns() >= WIDE else [head.rstrip(), wrapped(f"    {why}", 4)]
    if any(one.placement in SHARED for one in found.use_cases) and found.costs is not None and found.costs.recommended is not None:
        rest = sum(one.apart or 0 for one in found.use_cases)
        amount = f"{found.costs.recommended - rest:,.0f}"
        yield wrapped(f"{amount:>{names + classes + 37}}  shared: machines, people and all around them", names + classes + 39)


def _first(found: Recommendation) -> list[str]:
    """What has to be done, each once with all use cases it is for."""
    wanted: dict[str, list[str]] = {}
    for advice in found.use_cases:
        for text in advice.before:
            wanted.setdefault(text, []).append(advice.name)
    return [f"{text} [{', '.join(names)}]" for text, names in wanted.items()]


def _offers(found: Recommendation) -> list[str]:
    """The cheapest for each use case that one would do for, and what the use case costs there and now."""
    said: dict[str, list[str]] = {}
    for advice in found.use_cases:
        for option in sorted(advice.offers, key=lambda one: one.eur_per_month or 0)[:1]:
            now = f" instead of {advice.apart:,.0f}" if advice.apart is not None else ""
            price = "" if option.eur_per_month is None else f" {option.eur_per_month:,.0f}{now} EUR a month"
            said.setdefault(option.name, []).append(f"{advice.name}{price}")
    return [f"{name}: {', '.join(uses)}" for name, uses in said.items()]


def _rule(found: Recommendation) -> str:
    """Where the primer's rule says something else, in one sentence."""
    other: dict[str, list[str]] = {}
    for advice in found.use_cases:
        if not advice.heuristic.agrees and advice.tokens_per_month is not None:
            other.setdefault(advice.heuristic.says, []).append(advice.name)
    said = "; ".join(f"{says} for {', '.join(names)}" for says, names in other.items())
    return (
        f"The hosting primer's rule says {said}: it looks at data, volume and team, not at prices or where an API processes."
        if said
        else ""
    )


def full(found: Recommendation) -> Iterator[str]:
    """All of it."""
    yield from (wrapped(sentence) for sentence in found.answer)
    for advice in found.use_cases:
        yield ""
        yield from use_case(advice)
    for one in found.dimensions:
        yield ""
        yield f"{one.name}: {one.question}"
        yield from (wrapped(f"  {text}", 2) for text in (one.finding, *one.evidence))
        yield from [f"  unknown: {', '.join(one.unknown)}"] if one.unknown else []
    yield from _titled(
        "Checklist of the break-even article", [f"{STATED[one.answer]:<5}{one.question} {one.why}" for one in found.checklist]
    )
    yield from _titled("Beware", [f"{one.name} ({one.source}): {one.why}" for one in found.mistakes])
    yield from _titled("Published figures beside ours", [f"{one.text} [{one.claim}]" for one in found.contradictions])
    yield from _titled("Ask next", list(found.ask_next))
    yield ""
    yield wrapped(f"Decide again by {found.review.on} ({found.review.because}).", 2)


def use_case(advice: UseCaseAdvice) -> Iterator[str]:
    """One use case with everything about it."""
    yield wrapped(f"{advice.name}: {advice.placement}, {advice.confidence}: {advice.where}", 2)
    lines = [f"{reason.stage + ':':<14}{reason.text}" for reason in advice.reasons]
    lines += [f"{'weighed:':<14}{_weighed(one)}" for one in advice.weighed]
    lines += [f"{'fallback:':<14}{advice.fallback.text}"]
    lines += [f"{'first:':<14}{text}" for text in advice.before]
    lines += [f"{'would be':<14}{change.placement} if {change.what}" for change in advice.changes if change.placement != advice.placement]
    lines += [f"{'would stay':<14}{change.placement}: {change.what}" for change in advice.changes if change.placement == advice.placement]
    lines += [f"{'option:':<14}{_option(option)}" for option in advice.options]
    lines += [f"{'offer:':<14}{_option(option)}; name it in `apis:` to have it weighed" for option in advice.offers]
    for model in advice.models:
        fit = model.fit
        place = (
            f"{fit.gpus} x {fit.gpu} in {model.format}: {fit.requests:,.0f} requests of {fit.context_tokens:,} tokens"
            if fit
            else "fits nowhere here"
        )
        facts = f"{model.licence}, context {model.max_context_tokens or 0:,}"
        lines.append(f"{'model:':<14}{model.label} ({facts}), {place}{f'; {model.note}' if model.note else ''}  [{model.source}]")
    rule = advice.heuristic
    lines.append(f"{'rule:':<14}{rule.name} says {rule.says}{'' if rule.agrees else ', we do not'}: {rule.because}")
    yield from (wrapped(f"  {line}", 16) for line in lines)


def _weighed(one: WeighedPlacement) -> str:
    """What everything costs with the use case placed so."""
    if one.closed:
        return f"{one.placement}: no, {one.closed}"
    on = f" on {counted(one.gpus, 'GPU')}" if one.gpus else ""
    over = f", {one.overflow_share:.1%} of its tokens overflow" if one.overflow_share else ""
    whole = f"{one.eur_per_month:,.0f} EUR a month in all{on}{over}; {one.eur_total:,.0f} over the horizon"
    return f"{one.placement}: {whole}{', recommended' if one.chosen else ''}"


def _heard(found: Recommendation) -> list[str]:
    """One published figure of each topic that nearly everybody has in mind; the others are told in full."""
    first = {one.topic: one.text for one in reversed(found.contradictions)}
    return [first[topic] for topic in HEARD if topic in first]


def _checklist(found: Recommendation) -> str:
    """How many of the nine, and which are not yes."""
    count = sum(one.answer == "yes" for one in found.checklist)
    no = [f"{one.question} {one.why}" for one in found.checklist if one.answer == "no"]
    unknown = [one.question for one in found.checklist if one.answer == "unknown"]
    said = [f"No: {'; '.join(no)}." if no else "", f"Unknown: {' '.join(unknown)}" if unknown else ""]
    return " ".join([f"Checklist: {count} of {len(found.checklist)} yes.", *filter(None, said)])


def _option(option: Option) -> str:
    if not option.open:
        return f"{option.kind}, {option.name}: closed, {option.closed}"
    euros = "" if option.eur_per_month is None else f", {option.eur_per_month:,.0f} EUR a month"
    return f"{option.kind}, {option.name}: open{euros}"


def _titled(title: str, lines: list[str]) -> Iterator[str]:
    if said := [line for line in lines if line]:
        yield ""
        yield title
        yield from (wrapped(f"  {line}", 4) for line in said)
