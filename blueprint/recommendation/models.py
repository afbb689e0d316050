"""Which open model for a task, with the catalogue's facts, and whether it fits the environment's cards by our own sizing."""

from collections.abc import Iterator, Mapping, Sequence

from blueprint.catalog import Gpu, Model, load_catalog
from blueprint.catalog.lookup import named
from blueprint.environment import Environment
from blueprint.hosting import accelerator
from blueprint.kv_bytes import uneven
from blueprint.recommendation.data import workloads
from blueprint.recommendation.result import Fit, ModelAdvice
from blueprint.sizing import Sizing, size
from blueprint.workload import UseCase

WAYS = (1, 2, 4, 8)
USUAL_CONTEXT = 32_768  # where nobody says how long requests are: what the shipped environments allow for analysis


def advised_models(env: Environment, name: str, use: UseCase | None) -> tuple[ModelAdvice, ...]:
    """Open models for the task of a use case; none where nobody said what the task is."""
    known = workloads()
    if use is None or use.task is None:
        return ()
    return tuple(_advice(use.task, model, serving_gpu(env, name), context_of(env, name, use)) for model in known.tasks[use.task].models)


def serving_gpu(env: Environment, name: str) -> Gpu:
    """The card a use case's model runs on, or would: its own pool's, else the first pool's."""
    pool = env.models[name].pool if name in env.models else next(iter(env.cluster.gpu_pools))
    return accelerator(env, pool).gpu


def context_of(env: Environment, name: str, use: UseCase | None) -> int:
    """Tokens a request may have."""
    if use is not None and use.prompt_tokens is not None and use.output_tokens is not None:
        return max(256, int((use.prompt_tokens_p95 or use.prompt_tokens) + (use.output_tokens_p95 or use.output_tokens)))
    return env.models[name].max_context_tokens if name in env.models else USUAL_CONTEXT


def undeployed(env: Environment, models: Mapping[str, Sequence[ModelAdvice]]) -> dict[str, tuple[str, int]]:
    """The model and cards each use case would take that no deployment serves yet; one card where nobody said what it does."""
    served = {deployment.model for deployment in env.models.values()}
    found = {}
    for name, advised in models.items():
        first = next(iter(advised), None)
        wanted = {_endpoint_model(env, name), first.model if first else None}
        if name not in env.models and not wanted & served:
            found[name] = (first.model, first.fit.gpus if first.fit else WAYS[-1]) if first else (name, 1)
    return found


def _endpoint_model(env: Environment, name: str) -> str | None:
    """The open model an endpoint of the environment serves, by the catalogue's name."""
    api = env.apis.get(name)
    found = named(api.model.partition(":")[0], load_catalog().models) if api else None
    return found.name if found else None


def _advice(task: str, name: str, gpu: Gpu, context: int) -> ModelAdvice:
    known, model = workloads(), load_catalog().models[name]
    licence = known.licences.get(name)
    format, fit = best_fit(model, gpu, context)
    return ModelAdvice(
        workload=known.tasks[task].label,
        model=name,
        label=model.label,
        format=format,
        licence=licence.name if licence else "unknown",
        max_context_tokens=model.max_context_tokens,
        why=known.tasks[task].why,
        fit=fit,
        note="; ".join([*_notes(model, context, licence.eu if licence else "", fit, gpu), *_said(known.tasks[task].gpu, fit)]),
        source=f"{known.source}, {known.as_of}",
    )


def _notes(model: Model, context: int, licence: str, fit: Fit | None, gpu: Gpu) -> Iterator[str]:
    if licence:
        yield licence
    if model.max_context_tokens is not None and context > model.max_context_tokens:
        yield f"its context is {model.max_context_tokens:,} tokens, asked are {context:,}"
    if fit is None:
        yield f"it fits no {gpu.label}, nor up to {WAYS[-1]} of them"


def _said(claimed: str, fit: Fit | None) -> Iterator[str]:
    """What the article's table says, where one card does not do here."""
    if fit is None or fit.gpus > 1:
        yield f"the article says {claimed}"


def best_fit(model: Model, gpu: Gpu, context: int) -> tuple[str, Fit | None]:
    """The format and number of cards to take: the fewest cards, then the most precise format that is not tight."""
    tokens = min(context, model.max_context_tokens or context)
    formats = [*model.formats] or ["bf16"]
    for ways in WAYS:
        found = [(format, sizing) for format in formats if (sizing := _sized(model, format, gpu, ways, tokens)) is not None]
        if found:
            format, sizing = min(found, key=lambda one: one[1].verdict != "fits")
            return format, Fit(gpu.name, ways, sizing.verdict, sizing.max_concurrency, tokens)
    return formats[0], None


def _sized(model: Model, format: str, gpu: Gpu, ways: int, context: int) -> Sizing | None:
    if uneven(model.layers, ways):
        return None
    sizing = size(model, format, gpu, tensor_parallel=ways, max_context_tokens=context)
    return sizing if sizing.verdict != "does-not-fit" else None
