"""What a use case asks of a deployment: the mean request, and those a replica holds at a random moment, which are the longer ones."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from blueprint.throughput import Load
from blueprint.workload import UseCase
from blueprint.workload.lengths import Lengths, lengths


@dataclass(frozen=True)
class Asked:
    """`load` is the mean request. `under_way` is the mean of those met at a random moment: a request stays as long as it writes, so
    long ones are met more often (length-biased sampling: E[x²] / E[x] tokens where E[x] are written; Feller, vol. II, I.4). `variety`
    is the mean of their squared size over the square of its mean, 1 where all are alike."""

    load: Load
    under_way: Load
    prompts: Lengths
    outputs: Lengths
    variety: float = 1.0
    notes: tuple[str, ...] = ()


def asked(use: UseCase, context: int, hours: float) -> Asked:
    """Requests of a use case on a deployment that reads `context` tokens. Who gives tokens per month only gets requests as long as
    that: the cautious end."""
    if use.prompt_tokens is None or use.output_tokens is None:
        return _by_month(use, context, hours)
    prompts = lengths(use.prompt_tokens, use.prompt_tokens_p95, context)
    outputs = replace(lengths(use.output_tokens, use.output_tokens_p95, context), mean=max(1.0, use.output_tokens))
    load = Load(prompts.mean, outputs.mean, 1, prompts.moment(2))
    under_way = replace(load, output_tokens=outputs.mean * outputs.moment(2))
    return Asked(load, under_way, prompts, outputs, _variety(prompts, outputs), tuple(_notes(use, context)))


def _by_month(use: UseCase, context: int, hours: float) -> Asked:
    tokens = use.tokens(hours)
    written = max(1.0, context * tokens.output / tokens.total) if tokens.total else 1.0
    note = f"requests of {context:,} tokens assumed: give requests_per_second, prompt_tokens and output_tokens instead of tokens per month"
    load = Load(context - written, written, 1)
    return Asked(load, load, Lengths(context - written), Lengths(written), notes=(note,))


def _variety(prompts: Lengths, outputs: Lengths) -> float:
    """Of prompt plus output, the output length-biased; prompts and outputs independent of each other."""
    if not prompts.sigma and not outputs.sigma:
        return 1.0
    given, written = prompts.mean, outputs.mean * outputs.moment(2)
    square = given**2 * prompts.moment(2) + 2 * given * written + outputs.mean**2 * outputs.moment(3)
    return square / (given + written) ** 2


def _notes(use: UseCase, context: int) -> Iterator[str]:
    if use.concurrent_requests is not None:
        at_once = f"{use.concurrent_requests:g} requests at once of {use.seconds_per_request:g} s each"
        yield f"{at_once} are {use.rate:,.3g} requests a second (Little's law)"
    mean = (use.prompt_tokens or 0) + (use.output_tokens or 0)
    often = "most" if mean > context else "some" if (use.prompt_tokens_p95 or 0) + (use.output_tokens or 0) > context else ""
    if often:
        yield f"{often} requests are longer than the {context:,} tokens it reads (max_context_tokens): it will refuse them"
