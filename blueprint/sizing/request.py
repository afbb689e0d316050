"""Numbers a person asks for, refused at the door if no server could be started with them."""

from blueprint.catalog import Engine, Model
from blueprint.errors import BlueprintError
from blueprint.kv_bytes import uneven

MOST_CONTEXT = 2**25
MOST_REQUESTS, MOST_GPUS = 1_000_000, 1024  # beyond them it is a slip of the finger


def refuse_dropped(model: Model, engine: Engine, version: str | None) -> None:
    """A model this version of the engine no longer has.

    Raises:
        BlueprintError: it has not.
    """
    if not engine.runs(model, version):
        last = model.last_engine_version
        raise BlueprintError(f"vLLM {version or engine.version} has no {model.label} any more", f"--engine {last}, the last that had it")


def refuse_nonsense(model: Model, tensor: int, pipeline: int, data: int, context: int, requests: int | None, **others: int | None) -> None:
    """All that is wrong at once: numbers below one or absurd, more context than the model reads, GPUs that cannot share its heads.

    Raises:
        BlueprintError: something is.
    """
    numbers = {"tensor_parallel": tensor, "pipeline_parallel": pipeline, "data_parallel": data, "max_concurrent_requests": requests}
    asked = {name: number for name, number in {**numbers, **others}.items() if number is not None}
    most = {name: MOST_REQUESTS if name == "max_concurrent_requests" else MOST_GPUS for name in asked}
    wrong = [f"{name} is {number}; 1 to {most[name]:,}" for name, number in asked.items() if not 1 <= number <= most[name]]
    layers = sum(layer.count for layer in model.layers)
    if layers < pipeline <= MOST_GPUS:
        wrong.append(f"pipeline_parallel is {pipeline}; {model.name} has {layers} layers")
    if not 1 <= context <= MOST_CONTEXT:
        wrong.append(f"max_context_tokens is {context}; 1 to {MOST_CONTEXT:,}")
    elif model.max_context_tokens and context > model.max_context_tokens:
        wrong.append(f"max_context_tokens is {context}; {model.name} reads at most {model.max_context_tokens}")
    if 0 < tensor <= MOST_GPUS and (parts := uneven(model.layers, tensor)):
        wrong.append(f"tensor_parallel is {tensor}; {model.name} has {parts}, which so many GPUs cannot share evenly")
    if wrong:
        raise BlueprintError("\n".join(wrong), "correct the number" if len(wrong) == 1 else "correct the numbers")
