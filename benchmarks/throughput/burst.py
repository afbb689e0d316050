"""What a run that sends all its requests at once measures of a server's steady rate.

`vllm bench serve --num-prompts 1000` without a rate divides all tokens by the time until the last request is done. While requests wait,
the batch is full; afterwards it empties, and the longest answers end almost alone. With requests of one length there is no such
tail. Chats (ShareGPT) vary: with exponential lengths, k requests lose one after mean / k steps, so a batch of B empties in
mean x (1 + 1/2 + … + 1/B) steps. No figure here is fitted.
"""

from blueprint.throughput import Load, Roofline
from blueprint.throughput.figures import load_figures


def share_of_steady(roofline: Roofline, load: Load, batch: float, requests: float) -> float:
    """Tokens per second over the whole run, over those with a batch that stays full."""
    figures = load_figures()
    slots = max(1, min(round(batch), round(requests)))
    full = load.output_tokens * roofline.step_seconds(load, slots, figures) / slots  # per request that ends
    emptying = sum(load.output_tokens * roofline.step_seconds(load, left, figures) / left for left in range(1, slots + 1))
    reading = requests * roofline.prompt_seconds(load, figures)
    return (requests * full + reading) / ((requests - slots) * full + emptying + reading)
