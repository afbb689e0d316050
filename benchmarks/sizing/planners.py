"""What other open tools say is left for KV cache, each from the rule it publishes. All are given the memory the driver reports,
the utilization and the weights, which is more than they would know."""

from collections.abc import Callable, Mapping

from blueprint.sizing import Server

LLM_D_ACTIVATION_GIB = {"dense": 5.5, "experts": 8.0, "images": 2.5}
LLM_D_019_ACTIVATION_GIB = {"dense": 2.0, "experts": 2.5, "images": 2.0}


def llm_d(server: Server) -> float:
    """llm-d planner: activation by kind of model, 0.15 or 0.6 GiB non-torch.

    llm-d-incubation/llm-d-planner e50305af, src/planner/capacity_planner.py.
    """
    return _less(server, LLM_D_ACTIVATION_GIB[_kind(server)] + (0.15 if server.tensor_parallel == 1 else 0.6))


def llm_d_019(server: Server) -> float:
    """llm-d planner after it was measured again on vLLM 0.19.0: the same rule with smaller constants (without its per-model table)."""
    return _less(server, LLM_D_019_ACTIVATION_GIB[_kind(server)] + (0.27 if server.tensor_parallel == 1 else 2.1))


def kaito(server: Server) -> float:
    """KAITO: weights x 1.02, 2.3 GiB, and 5 % of the weights; kaito-project/kaito 3cc8a5b, pkg/workspace/estimator/budget.go."""
    return _less(server, server.weights_gib * 0.02 + 2.3 + server.weights_gib * 0.05)


def kaito_084(server: Server) -> float:
    """KAITO's older rule: 84 % of the card less weights x 1.02, whatever utilization the server is given."""
    return server.memory_gib * 0.84 - server.weights_gib * 1.02


def weights_and_a_fifth(server: Server) -> float:
    """The rule of thumb: weights x 1.2."""
    return _less(server, server.weights_gib * 0.2)


PLANNERS: Mapping[str, Callable[[Server], float]] = {
    "llm-d planner": llm_d,
    "llm-d planner 0.19": llm_d_019,
    "KAITO": kaito,
    "KAITO 0.84": kaito_084,
    "weights x 1.2": weights_and_a_fifth,
}


def _less(server: Server, overhead_gib: float) -> float:
    return server.memory_gib * server.gpu_memory_utilization - server.weights_gib - overhead_gib


def _kind(server: Server) -> str:
    if server.model.multimodal:
        return "images"
    return "experts" if server.model.experts_per_token else "dense"
