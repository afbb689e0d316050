"""How many tokens a server can write and read per second, from what it must move and multiply.

One decoding step of `batch` requests reads the weights they touch and their KV cache once, and multiplies by every active weight;
a prompt multiplies by every active weight per token. Between them lies time no peak explains: kernels, exchanges between cards,
the scheduler. Williams et al., "Roofline", CACM 52(4), 2009; parameters x 2 FLOPs per token as in Kaplan et al., arXiv 2001.08361.
"""

from dataclasses import dataclass, replace
from math import ceil, sqrt

from blueprint.catalog import Attention, Gpu, Layers, State, load_catalog
from blueprint.catalog.gpus import Speed
from blueprint.catalog.models import Model
from blueprint.errors import BlueprintError
from blueprint.kv_bytes import state_bytes, token_bytes
from blueprint.sizing import GIB, Server
from blueprint.sizing.weights import weights_from_shapes
from blueprint.throughput.figures import Figures, load_figures


@dataclass(frozen=True)
class Load:
    """What a server is asked: tokens per request, and requests under way at once. `variety` is the mean of squared prompt lengths over
    the square of their mean: 1 where all are alike."""

    input_tokens: float
    output_tokens: float
    concurrency: float
    variety: float = 1.0


@dataclass(frozen=True)
class Band:
    """Never one figure. Output tokens per second of the whole server; `batch` is the requests it really holds at once."""

    low: float
    high: float
    batch: float

    @property
    def middle(self) -> float:
        """Its geometric mean."""
        return sqrt(self.low * self.high)


@dataclass(frozen=True)
class Roofline:
    """A model on `ways` cards that split each layer."""

    model: Model
    format: str
    gpu: Gpu
    ways: int = 1
    kv_element_bytes: int = 2

    @property
    def speed(self) -> Speed:
        """Peaks of one card.

        Raises:
            BlueprintError: the catalogue does not know them.
        """
        if self.gpu.speed is None:
            raise BlueprintError(f"nobody knows how fast {self.gpu.name} is", "add `speed` to its entry in catalog/gpus/")
        return self.gpu.speed

    def weight_bytes(self, batch: float) -> float:
        """Bytes of weights a step of `batch` tokens reads, over all cards: of experts only those some token is sent to."""
        model = self.model
        touched = 1 - (1 - model.experts_per_token / model.experts) ** batch if model.experts else 1.0
        return self._bytes_of({"experts": touched, "embedding": 0.0})

    def active_parameters(self) -> float:
        """Weights each token is multiplied by."""
        share = self.model.experts_per_token / self.model.experts if self.model.experts else 1.0
        shares = {"experts": share, "embedding": 0.0}
        return sum(count * shares.get(part, 1.0) for part, count in self.model.parameters.items())

    def kv_bytes(self, tokens: float) -> float:
        """Bytes one step reads of the cache of a request that is `tokens` long, on one card."""
        return sum(layer.count * self._layer_bytes(layer, tokens) for layer in self.model.layers)

    def peak_flops(self) -> float:
        """Of all cards, at the precision the weights are multiplied in."""
        speed = self.speed
        in_eight_bits = {"fp8": speed.fp8_tflops, "int8": 2 * speed.bf16_tflops}  # 4-bit weights are widened to 16 bits
        return (in_eight_bits.get(self.format) or speed.bf16_tflops) * 1e12 * self.ways

    def most_output(self, requests: float, input_tokens: float) -> float:
        """Output tokens per second that memory bandwidth allows: one per request and step, all of which read the active weights."""
        moved = self.weight_bytes(1) / self.ways + requests * self.kv_bytes(input_tokens)
        return requests * self.speed.bandwidth_tb_per_s * 1e12 / moved

    def step_seconds(self, load: Load, batch: float, figures: Figures) -> float:
        """Every request of the batch gets one token."""
        length = load.input_tokens + load.output_tokens / 2
        moved = self.weight_bytes(batch) / self.ways + batch * self.kv_bytes(length)
        reading = moved / (self.speed.bandwidth_tb_per_s * 1e12 * figures.bandwidth_share)
        multiplying = 2 * self.active_parameters() * batch / (self.peak_flops() * figures.arithmetic_share)
        return max(reading, multiplying) + self._overhead(figures) + self._exchange(batch, figures)

    def prompt_seconds(self, load: Load, figures: Figures) -> float:
        """One prompt is read; on average of all, where they differ."""
        tokens = load.input_tokens
        attending = sum(layer.count for layer in self.model.layers if not isinstance(layer, State) and not _window(layer))
        flops = 2 * self.active_parameters() * tokens + 2 * attending * self.model.hidden * tokens**2 * load.variety
        multiplying = flops / (self.peak_flops() * figures.arithmetic_share)
        return multiplying + self._exchange(tokens, figures) + figures.prompt_milliseconds / 1e3

    def _bytes_of(self, shares: dict[str, float]) -> float:
        kept = {part: round(count * shares.get(part, 1.0)) for part, count in self.model.parameters.items()}
        return weights_from_shapes(self.model.model_copy(update={"parameters": kept}), self.format, load_catalog().engines["vllm"]) * GIB

    def _layer_bytes(self, layer: Layers, tokens: float) -> float:
        if isinstance(layer, State):
            return 2.0 * state_bytes(layer, self.ways)  # read and written
        return token_bytes(layer, self.ways, self.kv_element_bytes) * min(tokens, _window(layer) or tokens)

    def _overhead(self, figures: Figures) -> float:
        layers = sum(layer.count for layer in self.model.layers)
        each = figures.layer_microseconds + (figures.expert_layer_microseconds if self.model.experts else 0.0)
        return figures.step_milliseconds / 1e3 + layers * each / 1e6

    def _exchange(self, tokens: float, figures: Figures) -> float:
        """Two all-reduces per layer between the cards."""
        if self.ways == 1:
            return 0.0
        layers = sum(layer.count for layer in self.model.layers)
        moved = 2 * (self.ways - 1) / self.ways * tokens * self.model.hidden * 2
        return 2 * layers * (figures.exchange_microseconds / 1e6 + moved / (self.speed.link_gb_per_s * 1e9 * figures.link_share))


def _window(layer: Layers) -> int | None:
    return (layer.window or layer.chunk) if isinstance(layer, Attention) else None


def band(roofline: Roofline, load: Load, batch: float, figures: Figures | None = None) -> Band:
    """Output tokens per second with `batch` of the load's requests held at once: each is read once and written token by token.

    The high end is never over what bandwidth allows.
    """
    figures = figures or load_figures()
    writing = load.output_tokens * roofline.step_seconds(load, batch, figures)
    middle = batch * load.output_tokens / (writing + batch * roofline.prompt_seconds(load, figures))
    side = sqrt(figures.band)
    return Band(middle / side, min(middle * side, roofline.most_output(batch, load.input_tokens)), batch)


def held(server: Server, load: Load, most: int) -> float:
    """Requests of the load a server's KV cache holds at once, half of their output written; at most `most`.

    A warm-up for fewer requests leaves more cache: whoever starts the server lowers --max-num-seqs until it pays no more.
    """
    shaped = replace(server, max_context_tokens=max(1, ceil(load.input_tokens + load.output_tokens / 2)))
    per_request = shaped.blocks_per_request()
    warmed = [most, *(requests for requests in (512, 256, 128, 64, 32, 16, 8, 4, 2, 1) if requests < most)]
    return max(min(requests, shaped.layout().blocks(server.terms(requests)["kv_room"] * GIB) / per_request) for requests in warmed)
