"""What one vLLM server takes from a GPU, term by term, and the KV cache it is left with."""

from dataclasses import dataclass
from functools import cache
from math import ceil, floor

from blueprint import kv_cache as kv
from blueprint.catalog import Engine, Layers, Model, Release, State
from blueprint.catalog.models import Encoder
from blueprint.sizing import states
from blueprint.sizing.states import StateCache

GIB = 2**30
_layout = cache(kv.layout)  # asked for hundreds of times while a demand is spread over batches
LARGEST_GRAPH = 512

LABELS = {
    "budget": "budget",
    "weights": "weights",
    "adapters": "LoRA adapters",
    "activation": "activation peak",
    "non_torch": "CUDA and NCCL",
    "cuda_graphs": "CUDA graphs",
    "kv_room": "KV cache",
}
SOURCES = {
    "budget": "memory_gib x gpu_memory_utilization; vllm v1/worker/utils.py",
    "weights": "measured weights, else parameters x bits of the format, / tensor_parallel, experts as they are spread, plus replicated "
    "parts once split; vllm model_executor/layers/fused_moe",
    "adapters": "at_once x rank x 2 B x (matrices x hidden + parameters / hidden / tensor_parallel + 2 x (vocabulary + hidden)); "
    "vllm lora/layers",
    "activation": "largest of sampler warm-up (copies x max_num_seqs x vocabulary x 4 B) and forward pass (max_num_batched_tokens x 2 B x "
    "(3 feed-forward / tensor_parallel, whole with expert parallelism, + (4 + experts per token) hidden)), with the image encoder's; "
    "vllm v1/worker/gpu_model_runner.py",
    "non_torch": "CUDA context and NCCL, measured by tensor_parallel",
    "cuda_graphs": "per captured batch size (vllm config/vllm.py: 1, 2, 4, then steps of 8 and 16 up to 2 x max_num_seqs); from 0.20 on",
    "kv_room": "what is left; blocks by vllm v1/core/kv_cache_utils.py",
}


@dataclass(frozen=True)
class Server:
    """A vLLM server's start: all that decides its memory. `weights_gib`, `memory_gib` and `adapters_gib` are per GPU; `state_cache`
    is its --mamba-cache-mode and `state_bytes` its --mamba-ssm-cache-dtype, the release's and the model's own if left out. With
    `graphs_twice`, CUDA graphs are captured with and without adapters; with `whole_experts`, none is cut into slices; without
    `whole_blocks`, a block of theirs that shares a scale is."""

    model: Model
    engine: Engine
    release: Release
    weights_gib: float
    memory_gib: float
    max_context_tokens: int
    batched_tokens: int
    gpu_memory_utilization: float
    tensor_parallel: int = 1
    pipeline_parallel: int = 1
    kv_cache: str = "auto"
    block_tokens: int | None = None
    enforce_eager: bool = False
    state_cache: StateCache | None = None
    state_bytes: int | None = None
    adapters_gib: float = 0.0
    graphs_twice: bool = False
    data_parallel: int = 1
    whole_experts: bool = False
    whole_blocks: bool = True

    def terms(self, requests: int) -> dict[str, float]:
        """GiB of one GPU, with warm-up for `requests` at once. The rest, `kv_room`, is negative if the server cannot start."""
        budget = self.memory_gib * self.gpu_memory_utilization
        taken = {
            "weights": self.weights_gib,
            **({"adapters": self.adapters_gib} if self.adapters_gib else {}),
            "activation": self._activation(requests) + self.states_outside(requests),
            "non_torch": self._non_torch(),
            "cuda_graphs": self.cuda_graphs(requests) if self.release.cuda_graphs_subtracted else 0.0,
        }
        return {"budget": budget, **taken, "kv_room": budget - sum(taken.values())}

    def cuda_graphs(self, requests: int) -> float:
        """GiB of captured graphs, whether the release takes them from the budget or from what it leaves free."""
        largest = 0 if self.enforce_eager else min(LARGEST_GRAPH, 2 * requests)
        sizes = sum(1 for size in (1, 2, 4, *range(8, 256, 8), *range(256, LARGEST_GRAPH + 1, 16)) if size <= largest)
        return sizes * self.engine.cuda_graph_gib_per_size.value * (2 if self.graphs_twice else 1)

    def states_outside(self, requests: int) -> float:
        """GiB of all sequences' states where the release keeps them beside the cache; of as many as the next captured graph has."""
        padded = requests if self.enforce_eager else ceil(requests / 8) * 8
        held = states.outside(self.model.layers, self.release)
        return sum(layer.count * kv.state_bytes(layer, self.tensor_parallel) for layer in held) * padded / GIB

    def after_pool(self, requests: int) -> float:
        """GiB that may be taken once the KV cache has its pool, at worst: graphs the release does not subtract, and the sampler's
        warm-up as far as the profile left it out."""
        captured = not (self.release.cuda_graphs_subtracted or self.enforce_eager)
        unprofiled = self.release.unprofiled_copies * requests * self.model.vocabulary * 4 / GIB
        return unprofiled + (self.engine.largest_cuda_graphs_gib.value if captured else 0.0)

    def outside(self) -> float:
        """GiB that `gpu_memory_utilization` leaves to what comes after the pool; less than the default leaves the rest to neighbours."""
        used = max(self.gpu_memory_utilization, self.release.gpu_memory_utilization)
        return self.memory_gib * (1 - used) - self.engine.driver_gib.value

    def can_promise(self, requests: int) -> bool:
        """Whether a pool that is large enough means a start: the image encoder is known, what comes after the pool has room, and no
        block of weights is cut."""
        encoder_known = self.model.encoder is not None or not self.model.multimodal
        return encoder_known and self.whole_blocks and self.after_pool(requests) <= self.outside()

    def layout(self) -> kv.Layout:
        """Blocks of the KV cache."""
        return _layout(
            self._layers,
            self.tensor_parallel,
            1 if self.kv_cache.startswith("fp8") else 2,
            pipeline_parallel=self.pipeline_parallel,
            block_tokens=self.block_tokens,
            state_chunk=states.chunk(self._layers) if self._state_blocks is None else None,
        )

    def blocks_per_request(self) -> int:
        """Blocks of a request of full length."""
        batches = max(self.release.in_flight_batches, self.pipeline_parallel)
        return self.layout().blocks_per_request(self.max_context_tokens, batches * self.batched_tokens, self._state_blocks)

    def printed_tokens(self, blocks: int) -> int:
        """What this release prints as "GPU KV cache size": the blocks' tokens, or (from 0.20 on) requests x their length."""
        if self.release.printed_tokens == "blocks":
            layout = self.layout()
            return blocks // len(layout.groups) * self._block_tokens(layout)
        return floor(blocks / self.blocks_per_request() * self.max_context_tokens)

    def refuses(self, requests: int, blocks: int) -> bool:
        """Whether it will not start for so many requests at once, as each needs a block for its state."""
        stateful = any(isinstance(layer, State) for layer in self.model.layers)
        return stateful and self.release.state_per_sequence and not self.enforce_eager and requests > blocks

    @property
    def _layers(self) -> tuple[Layers, ...]:
        return states.kept(self.model.layers, self.release, self.state_bytes)

    @property
    def _state_blocks(self) -> int | None:
        return states.blocks(self.model.layers, self.release, self.state_cache)

    def _block_tokens(self, layout: kv.Layout) -> int:
        """Tokens of the smallest block; that of a state, if it takes but one, is as long as a request."""
        longest = self.max_context_tokens if self._state_blocks == 1 else layout.block_tokens
        return min(group.block_tokens or longest for group in layout.groups)

    def _activation(self, requests: int) -> float:
        sampler = self.release.sampler_copies * requests * self.model.vocabulary * 4
        forward = self._forward()
        if self.model.encoder is None:
            return max(sampler, forward) / GIB + (self.engine.encoder_gib.value if self.model.multimodal else 0.0)
        encoded, held = self._encoder(self.model.encoder)
        return (max(sampler, forward, encoded) + held) / GIB

    def _forward(self) -> float:
        """Bytes of a batch's widest step. Data-parallel ranks bring their tokens together for the experts; whole experts may get all."""
        ranks = self.data_parallel if self.model.experts else 1
        ways = 1 if self.whole_experts else self.tensor_parallel * ranks
        width = 3 * self.model.feed_forward / ways + (4 + self.model.experts_per_token) * self.model.hidden
        return self.batched_tokens * ranks * 2 * width

    def _encoder(self, encoder: Encoder) -> tuple[float, float]:
        """Bytes of its widest step on the largest item, and of what it leaves behind while the language model is profiled.

        A transformer layer holds its input, the normed input, and the feed-forward part before and after its activation; matrices
        are split over the GPUs, their inputs are not. vllm v1/worker/gpu_model_runner.py (profile_run), multimodal/encoder_budget.py.
        """
        widest = encoder.patches * 2 * (2 * encoder.hidden + 2 * encoder.feed_forward / self.tensor_parallel)
        return widest, max(encoder.tokens, self.batched_tokens) * self.model.hidden * 2

    def _non_torch(self) -> float:
        """Measured for 1, 2, 4 and 8 GPUs; other numbers take the next larger one's."""
        figures = self.engine.non_torch_gib.value
        measured = next((gib for ways, gib in sorted(figures.items()) if ways >= self.tensor_parallel), max(figures.values()))
        return measured + self.release.slack_gib


def default_flags(memory_gib: float, gpu: str, release: Release, max_context_tokens: int, model: Model | None = None) -> tuple[int, int]:
    """max_num_seqs and max_num_batched_tokens of a server started without them.

    Large cards get more, A100s do not; vllm engine/arg_utils.py, `_set_default_max_num_seqs_and_batched_tokens_args`. Releases
    before chunked prefill take whole prompts, but some not over `whole_prompts` tokens of context, if every layer of a text model is
    full attention (`_set_default_args_v0` there; 512 tokens at first, 2,048 later). So do hybrids, as long as V0 serves them.
    """
    if model is not None and states.outside(model.layers, release):
        return 256, max(2048, max_context_tokens)
    if not release.chunked_prefill:
        in_chunks = release.whole_prompts and max_context_tokens > release.whole_prompts and model is not None and _is_plain(model)
        return release.default_sequences, 2048 if in_chunks else max(2048, max_context_tokens)
    if memory_gib >= 160:
        return release.default_sequences, 16384
    if memory_gib >= 70 and (release.large_a100 or "a100" not in gpu.lower()):
        return release.default_sequences, 8192
    return 256, 2048


def _is_plain(model: Model) -> bool:
    return not model.multimodal and all(layer.kind == "attention" and not (layer.window or layer.chunk) for layer in model.layers)


def tokens_gib(server: Server, requests: int) -> float:
    """GiB of KV cache `requests` of full length need, with the blocks the release holds back."""
    blocks = requests * server.blocks_per_request() + server.release.spare_blocks
    return ceil(blocks) * server.layout().block_bytes / GIB
