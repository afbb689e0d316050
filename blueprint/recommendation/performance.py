"""Can our own machines be fast enough? Only what physics rules out is ruled out; the rest has to be measured."""

from blueprint.environment import Environment
from blueprint.workload import UseCase


def fastest_first_token_ms(env: Environment, name: str, use: UseCase | None) -> float:
    """The least time to a first token: the prompt's arithmetic at the card's peak (2 FLOPs per token and active weight). 0 where the
    model, the card's speed or the prompt's length is not known."""
    if use is None or use.prompt_tokens is None or name not in env.models:
        return 0.0
    from blueprint.catalog import load_catalog
    from blueprint.hosting import accelerator
    from blueprint.throughput import Roofline

    deployment = env.models[name]
    gpu = accelerator(env, deployment.pool).gpu
    if gpu.speed is None:
        return 0.0
    roofline = Roofline(load_catalog().models[deployment.model], deployment.format, gpu, deployment.tensor_parallel)
    return 2e3 * roofline.active_parameters() * use.prompt_tokens / roofline.peak_flops()
