"""Does a model fit a GPU, how many requests does it hold, and with which engine flags?

    weights.py     bytes of a model in a format, from measurement or from its shapes
    adapters.py    room vLLM reserves for LoRA adapters
    experts.py     how experts are spread over GPUs
    budget.py      what one vLLM server takes from a GPU, term by term, by release
    deployment.py  the verdict for a model deployment, its flags, and the log line that confirms it
    wording.py     the verdict in words
    request.py     numbers that make no sense, refused
    startup_log.py a real start-up log beside the prediction

Per GPU, as vLLM does it: budget = memory x gpu_memory_utilization; weights, the activation peak of the warm-up, CUDA context and
NCCL, and (from 0.20 on) CUDA graphs come off; the rest is KV cache (`blueprint/kv_cache.py`). The figures are in
`catalog/engines/vllm.yaml`. Sizing writes the flags, so plan and cluster agree.
"""

from blueprint.sizing.budget import GIB, LABELS, SOURCES, Server
from blueprint.sizing.deployment import MOST_REQUESTS, Sizing, Verdict, size, size_deployment

__all__ = ["GIB", "LABELS", "MOST_REQUESTS", "SOURCES", "Server", "Sizing", "Verdict", "size", "size_deployment"]
