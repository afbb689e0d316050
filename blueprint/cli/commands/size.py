"""The command that says what fits on a GPU."""

from typing import TYPE_CHECKING, Annotated

import typer

from blueprint.cli.common import Format, FormatOption, load, print_json

if TYPE_CHECKING:
    from blueprint.sizing import Sizing

app = typer.Typer()

VERDICTS = {"fits": "fits", "tight": "tight, measure", "measure": "measure", "does-not-fit": "does not fit"}
LIMITS = {"weights": "weights", "overhead": "overhead", "kv_cache": "KV cache", "max_num_seqs": "requests warmed up for"}


@app.command()
def size(
    environment: Annotated[str | None, typer.Argument(metavar="[ENV]", help="A name (environments/<name>.yaml) or a path.")] = None,
    name: Annotated[str | None, typer.Argument(metavar="[DEPLOYMENT]", help="One model deployment; all of them if left out.")] = None,
    model: Annotated[str | None, typer.Option(help="Instead of ENV: a model of the catalogue.")] = None,
    gpu: Annotated[str, typer.Option(help="With --model: a GPU of the catalogue.")] = "h100-sxm",
    weights: Annotated[str | None, typer.Option(help="With --model: weight format; the catalogue's first if left out.")] = None,
    context: Annotated[int, typer.Option(help="With --model: tokens per request.")] = 8192,
    requests: Annotated[int | None, typer.Option(help="With --model: full-length requests to hold at once.")] = None,
    tensor_parallel: Annotated[int, typer.Option(help="With --model: GPUs each layer is split over.")] = 1,
    pipeline_parallel: Annotated[int, typer.Option(help="With --model: stages the layers are split into.")] = 1,
    data_parallel: Annotated[int, typer.Option(help="With --model: ranks that share the experts.")] = 1,
    kv_cache: Annotated[str, typer.Option(help="With --model: auto or fp8.")] = "auto",
    expert_parallel: Annotated[bool, typer.Option("--expert-parallel", help="With --model: whole experts on each GPU.")] = False,
    redundant_experts: Annotated[int, typer.Option(help="With --expert-parallel: copies of busy experts (EPLB).")] = 0,
    adapters: Annotated[int, typer.Option(help="With --model: LoRA adapters on the GPU at once.")] = 0,
    adapter_rank: Annotated[int, typer.Option(help="With --adapters: the largest rank among them.")] = 16,
    fully_sharded: Annotated[bool, typer.Option("--fully-sharded-adapters", help="With --adapters: split both sides of a pair.")] = False,
    engine: Annotated[str | None, typer.Option(help="With --model: vLLM's version; the deployed one if left out.")] = None,
    format: FormatOption = Format.text,
) -> None:
    """Show what fits on the GPUs: memory term by term, requests at once, engine flags, the log line that confirms it."""
    from blueprint.errors import BlueprintError
    from blueprint.sizing import size as size_model
    from blueprint.sizing import size_deployment

    if (environment is None) == (model is None):
        raise BlueprintError(
            "size needs an environment, or --model: one of them", "blueprint size eu-prod, or blueprint size --model phi-4-14b --gpu l40s"
        )
    if model is None:
        env = load(environment or "")
        if name is not None and name not in env.models:
            raise BlueprintError(f"{env.name} has no model deployment {name}", f"choose one of {', '.join(env.models)}")
        _print({key: size_deployment(env, key) for key in ([name] if name else env.models)}, format)
        return
    from blueprint.catalog import load_catalog
    from blueprint.catalog.lookup import find
    from blueprint.sizing.adapters import Adapters
    from blueprint.sizing.experts import Spread, refuse_uneven
    from blueprint.sizing.request import refuse_dropped, refuse_nonsense

    if kv_cache not in ("auto", "fp8"):
        raise BlueprintError(f"--kv-cache is {kv_cache!r}", "auto or fp8")
    catalog = load_catalog()
    entry, card = find("model", model, catalog.models), find("GPU", gpu, catalog.gpus)
    refuse_dropped(entry, catalog.engines["vllm"], engine)
    more = {"adapters": adapters or None, "redundant_experts": redundant_experts or None}
    refuse_nonsense(entry, tensor_parallel, pipeline_parallel, data_parallel, context, requests, **more)
    refuse_uneven(entry, Spread(tensor_parallel, data_parallel, expert_parallel, redundant_experts))
    sizing = size_model(
        entry,
        weights or next(iter(entry.formats), "bf16"),
        card,
        tensor_parallel=tensor_parallel,
        pipeline_parallel=pipeline_parallel,
        data_parallel=data_parallel,
        max_context_tokens=context,
        kv_cache=kv_cache,
        max_concurrent_requests=requests,
        adapters=Adapters(adapters, adapter_rank, fully_sharded) if adapters else None,
        expert_parallel=expert_parallel,
        redundant_experts=redundant_experts,
        engine_version=engine,
    )
    _print({model: sizing}, format)
    raise typer.Exit(1 if sizing.verdict == "does-not-fit" else 0)


def _print(sizings: "dict[str, Sizing]", format: Format) -> None:
    if format is Format.json:
        from dataclasses import asdict

        print_json({name: asdict(sizing) for name, sizing in sizings.items()})
        return
    from blueprint.cost.wording import wrapped
    from blueprint.sizing import LABELS
    from blueprint.sizing.wording import arguments

    for name, sizing in sizings.items():
        ways, verdict = sizing.flags["tensor_parallel_size"], VERDICTS[sizing.verdict]
        print(f"{name}: {sizing.model} in {sizing.format} on {ways} x {sizing.gpu}: {verdict}")
        for term, gib in sizing.terms.items():
            print(f"  {LABELS[term]:<16}{gib:>8.2f} GiB")
        print(wrapped(f"  {sizing.sentence}", 4))
        rest = "to spare" if sizing.margin_gib >= 0 else "too little"
        print(f"  limited by {LIMITS[sizing.limit]}, {abs(sizing.margin_gib):.1f} GiB {rest}")
        print(f"  flags: {' '.join(arguments(sizing.flags, ' '))}")
        print(f"  vLLM {sizing.engine_version} will say: {'; '.join(sizing.log_lines)}")
        for note in sizing.assumptions:
            print(wrapped(f"  note: {note}", 4))
        print(f"  starts within {sizing.startup_seconds} s")
