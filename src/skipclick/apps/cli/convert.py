"""`skipclick convert`: a model from one file format to another."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from skipclick.errors import ModelError

if TYPE_CHECKING:
    from skipclick.model.config import BackboneConfig, ModelConfig


class Precision(StrEnum):
    """How numbers are kept."""

    FLOAT32 = "float32"
    FLOAT16 = "float16"


def convert(
    source: Annotated[
        str, typer.Argument(help="A published .pth, a .safetensors file, a model folder or a name.")
    ],
    target: Annotated[
        Path, typer.Argument(help="Ends in .safetensors (ours) or .pth (the published format).")
    ],
    dtype: Annotated[Precision, typer.Option(help="Precision of a .safetensors target.")] = Precision.FLOAT32,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Convert a model to .safetensors, or back to the published .pth; nothing in the source is executed."""
    if target.suffix not in (".safetensors", ".pth"):
        raise ModelError(f"{target} must end in .safetensors or .pth")
    if target.suffix == ".pth" and dtype is not Precision.FLOAT32:
        raise ModelError("the published format is float32: leave out --dtype, or write .safetensors")
    if not target.parent.is_dir():
        raise ModelError(f"the folder {target.parent} does not exist")
    if target.exists() and Path(source).exists() and target.samefile(source):
        raise ModelError(f"{target} is the source itself: give another name")
    if target.exists() and not force:
        raise ModelError(f"{target} exists: give another name, or --force to replace it")

    from skipclick.weights.files import check_state, expected_shapes, save_model_file
    from skipclick.weights.loading import load_weights
    from skipclick.weights.origin import origin_of
    from skipclick.weights.published import write_published

    config, state, name = load_weights(source)
    check_state(expected_shapes(config), state, source)
    origin = origin_of(source)
    if target.suffix == ".pth":
        write_published(target, config, state)
    else:
        about = {**origin, "converted_from": name}
        save_model_file(target, config, state, dtype=dtype.value, metadata=about)

    # Buffers are no parameters (specification 2.11 counts them apart).
    buffers = ("rope_embed.periods", "attn.qkv.bias_mask")
    parameters = sum(tensor.numel() for name, tensor in state.items() if not name.endswith(buffers))
    typer.echo(f"variant     {_variant(config)}")
    typer.echo(f"encoder     {_encoder(config.backbone)}")
    typer.echo(f"taps        {', '.join(map(str, config.taps))}")
    typer.echo(f"fusion      {config.depth} {config.fusion} blocks of {config.width} channels")
    typer.echo(f"tensors     {len(state)}")
    typer.echo(f"parameters  {parameters:,}")
    typer.echo(f"licence     {origin.get('licence', 'not stated in the source')}")
    typer.echo(f"written     {target} ({target.stat().st_size / 1e6:.1f} MB)")


def _variant(config: ModelConfig) -> str:
    """Our name of the network, or else the step of the paper's ablation that it is built like."""
    from skipclick.model.config import MODELS

    for name, known in MODELS.items():
        if known == config:
            return name
    if config.skip:
        step = "skip"
    elif config.fuses:
        step = "intermediate"
    else:
        step = "baseline" if config.train_backbone else "frozen"
    return f"{step}, of sizes of its own"


def _encoder(backbone: BackboneConfig) -> str:
    from skipclick.model.config import BACKBONES

    for name, known in BACKBONES.items():
        if known == backbone:
            return name
    registers = f", {backbone.registers} registers" if backbone.registers else ""
    return (
        f"{backbone.family}, patch {backbone.patch}, {backbone.depth} blocks of {backbone.width} channels"
        f"{registers}"
    )
