"""Numbers a person asks for, refused at the door if no server could be started with them."""

from blueprint.catalog import Model
from blueprint.errors import BlueprintError

MOST_CONTEXT = 2**25


def refuse_nonsense(model: Model, tensor: int, pipeline: int, data: int, context: int, requests: int | None) -> None:
    """All that is wrong at once: numbers below one, more context than the model reads, GPUs its KV heads cannot be shared by.

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
    heads = [layer.kv_heads for layer in model.layers if layer.kind == "attention"]
    if tensor > 0 and any(count % tensor and tensor % count for count in heads):
        wrong.append(f"tensor_parallel is {tensor}; {model.name} has {min(heads)} KV heads, which must divide it or be divided by it")
    if wrong:
        raise BlueprintError("\n".join(wrong), "correct the number" if len(wrong) == 1 else "correct the numbers")
