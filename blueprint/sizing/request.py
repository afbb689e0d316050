"""Numbers a person asks for, refused at the door if no server could be started with them."""

from blueprint.catalog import Engine, Model
from blueprint.errors import BlueprintError
from blueprint.kv_bytes import uneven

MOST_CONTEXT = 2**25


def refuse_dropped(model: Model, engine: Engine, version: str | None) -> None:
    """A model this version of the engine no longer has.

    Raises:
        BlueprintError: it has not.
    """
    if not engine.runs(model, version):
        last = model.last_engine_version
        raise BlueprintError(f"vLLM {version or engine.version} has no {model.label} any more", f"--engine {last}, the last that had it")


def refuse_nonsense(model: Model, tensor: int, pipeline: int, data: int, context: int, requests: int | None) -> None:
    """All that is wrong at once: numbers below one, more context than the model reads, GPUs that cannot share its heads.

    Raises:
        BlueprintError: something is.
    """
    numbers = {"tensor_parallel": tensor, "pipeline_parallel": pipeline, "data_parallel": data, "max_concurrent_requests": requests}
    wrong = [f"{name} is {number}; at least 1" for name, number in numbers.items() if number is not None and number < 1]
    layers = sum(layer.count for layer in model.layers)
    if pipeline > layers:
        wrong.append(f"pipeline_parallel is {pipeline}; {model.name} has {layers} layers")
    if not 1 <= context <= MOST_CONTEXT:
        wrong.append(f"max_context_tokens is {context}; 1 to {MOST_CONTEXT}")
    elif model.max_context_tokens and context > model.max_context_tokens:
        wrong.append(f"max_context_tokens is {context}; {model.name} reads at most {model.max_context_tokens}")
    if tensor > 0 and (parts := uneven(model.layers, tensor)):
        wrong.append(f"tensor_parallel is {tensor}; {model.name} has {parts}, which so many GPUs cannot share evenly")
    if wrong:
        raise BlueprintError("\n".join(wrong), "correct the number" if len(wrong) == 1 else "correct the numbers")
