"""Can a claimed throughput be true? Three ceilings no software lifts; peaks are the data sheet's, nothing is taken off.

    bandwidth   every step reads the active weights once: output <= requests at once x bandwidth / bytes per step
    arithmetic  two operations per token and active weight: tokens x 2 x parameters <= peak
    KV cache    requests beyond what the memory holds wait: output <= requests held x bandwidth / bytes per step (doubtful only,
                as flags decide what is held)

Speculative decoding writes more than one token per step, and a prefix cache reads prompts without arithmetic: a claim that uses
them has to say so.
"""

from dataclasses import dataclass

from blueprint.throughput.roofline import Roofline

ROUNDING = 1.02
CLIENT_TOKENS = 2.0  # a client's time per token is a quotient: its own tokenizer, several tokens per chunk


@dataclass(frozen=True)
class Claim:
    """Tokens per second of `replicas` equal servers; what a source does not say is None. `requests_held` is by sizing."""

    output_tokens_per_second: float | None = None
    total_tokens_per_second: float | None = None
    concurrency: float | None = None
    milliseconds_per_token: float | None = None
    input_tokens: float = 0.0
    requests_held: float | None = None
    replicas: int = 1


@dataclass(frozen=True)
class Finding:
    """A ceiling a claim is over. `impossible`, or else doubtful."""

    limit: str
    claimed: float
    possible: float
    unit: str
    impossible: bool = True

    def __str__(self) -> str:
        word = "impossible" if self.impossible else "doubtful"
        return f"{word}: {self.claimed:,.4g} {self.unit}, {self.limit} allows {self.possible:,.4g}"


def implausible(claim: Claim, roofline: Roofline) -> list[Finding]:
    """Every ceiling the claim is over; none is as it should be."""
    found = [_bandwidth(claim, roofline), _time_per_token(claim, roofline), _arithmetic(claim, roofline), _kv_cache(claim, roofline)]
    return [finding for finding in found if finding is not None]


def _bandwidth(claim: Claim, roofline: Roofline) -> Finding | None:
    if claim.output_tokens_per_second is None or claim.concurrency is None:
        return None
    most = claim.replicas * roofline.most_output(claim.concurrency / claim.replicas, claim.input_tokens)
    return _over("bandwidth", claim.output_tokens_per_second, most, "tok/s")


def _time_per_token(claim: Claim, roofline: Roofline) -> Finding | None:
    if claim.milliseconds_per_token is None or claim.milliseconds_per_token <= 0:
        return None
    least = 1e3 / roofline.most_output(1, 0)
    if claim.milliseconds_per_token * CLIENT_TOKENS >= least:
        return None
    return Finding("reading the weights", claim.milliseconds_per_token, least, "ms per token")


def _arithmetic(claim: Claim, roofline: Roofline) -> Finding | None:
    if claim.total_tokens_per_second is None:
        return None
    per_token = roofline.active_parameters() - roofline.model.parameters.get("head", 0)  # prompts need no head
    return _over("arithmetic", claim.total_tokens_per_second, claim.replicas * roofline.peak_flops() / (2 * per_token), "tok/s")


def _kv_cache(claim: Claim, roofline: Roofline) -> Finding | None:
    held, output = claim.requests_held, claim.output_tokens_per_second
    if held is None or output is None or claim.concurrency is None or claim.concurrency <= held * claim.replicas:
        return None
    return _over("KV cache", output, claim.replicas * roofline.most_output(held, claim.input_tokens), "tok/s", impossible=False)


def _over(limit: str, claimed: float, possible: float, unit: str, *, impossible: bool = True) -> Finding | None:
    return Finding(limit, claimed, possible, unit, impossible) if claimed > possible * ROUNDING else None
