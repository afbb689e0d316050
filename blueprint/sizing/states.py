"""How a release keeps recurrent states: in which type, and in how many blocks of the KV cache.

Without prefix caching a state takes one block. With it a request also keeps the state at its last full block ("align"), or, where the
kernels can (Mamba 1 and 2), one at every block ("all"). The V0 engine kept the states of a hybrid's sequences outside the cache, for as
many as it may run at once. Source: vllm model_executor/models/config.py (MambaModelConfig, NemotronHForCausalLMConfig) and
v1/kv_cache_interface.py (MambaSpec); before 0.10.2 model_executor/models/mamba_cache.py.
"""

from functools import cache
from math import lcm
from typing import Literal

from blueprint.catalog import GatedDelta, Layers, Mamba, Mamba1, Release, State
from blueprint.kv_bytes import MODEL_BYTES

StateCache = Literal["none", "align", "all"]
MAMBA_1_CHUNK = 2048


@cache
def kept(layers: tuple[Layers, ...], release: Release, state_bytes: int | None) -> tuple[Layers, ...]:
    """The layers in the KV cache, with states of the type this release gives them; `state_bytes` if the server was told one."""
    return tuple(_typed(layer, release, state_bytes) for layer in layers if layer not in outside(layers, release))


def outside(layers: tuple[Layers, ...], release: Release) -> list[State]:
    """Layers of a hybrid whose states this release keeps beside the KV cache."""
    recurrent = [layer for layer in layers if isinstance(layer, State)]
    return recurrent if not release.states_in_cache and len(recurrent) < len(layers) else []


def _typed(layer: Layers, release: Release, state_bytes: int | None) -> Layers:
    if isinstance(layer, GatedDelta | Mamba | Mamba1) and state_bytes is not None:
        return layer.model_copy(update={"state_bytes": state_bytes})
    if isinstance(layer, Mamba) and layer.widened_by not in (None, *release.widens_states_by):
        return layer.model_copy(update={"state_bytes": MODEL_BYTES})
    return layer


def blocks(layers: tuple[Layers, ...], release: Release, mode: StateCache | None) -> int | None:
    """Blocks of a request's state; None: one for every block of tokens. A model of states alone shares no prefixes by default."""
    states = [layer for layer in layers if isinstance(layer, State)]
    if mode is None:
        return release.state_blocks if len(states) < len(layers) else 1
    if mode == "all" and all(isinstance(layer, Mamba | Mamba1) for layer in states):
        return None
    return 1 if mode == "none" else 2


def chunk(layers: tuple[Layers, ...]) -> int:
    """Tokens a block is a multiple of, where a state is kept for each."""
    return lcm(
        *(layer.chunk_tokens or 1 if isinstance(layer, Mamba) else MAMBA_1_CHUNK for layer in layers if isinstance(layer, Mamba | Mamba1))
    )
