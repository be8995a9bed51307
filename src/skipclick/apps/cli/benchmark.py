"""`skipclick benchmark`: how long a photo and a click take here, and what that is made of."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from skipclick.apps.cli.evaluate_options import DeviceOption, PrecisionOption, named

if TYPE_CHECKING:
    from skipclick.backend.protocol import Backend
    from skipclick.backend.torch import TorchBackend

FORMAT = "skipclick-benchmark"

_PARTS = ("encoder", "fuse", "fusion", "pyramid", "head")


def benchmark(
    model: Annotated[str, typer.Option(help="A model's name, file or folder.")] = "skipclick-s",
    size: Annotated[int, typer.Option(min=1, help="Side of the network's input.")] = 448,
    precision: PrecisionOption = None,
    device: DeviceOption = "auto",
    against: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Whose plain form to compare with: for an exported model, the one that was exported.",
            show_default=False,
        ),
    ] = None,
    compiled: Annotated[
        bool,
        typer.Option("--compiled", help="On CUDA, compile the click path; the first clicks take seconds."),
    ] = False,
    repeats: Annotated[int, typer.Option(min=1, help="How often each action is timed.")] = 9,
    result: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Also write the numbers as JSON, a new file."),
    ] = None,
) -> None:
    """Time a photo and a click, beside the plain form in float32 and this machine's best.

    The plain form is the network as the published code computes it. All are timed in turns in one run, so
    that the ratios hold on a busy machine too.
    """
    from skipclick.backend.loading import load_model
    from skipclick.errors import ModelError
    from skipclick.image import network_size

    if result is not None and result.exists():
        raise ModelError(f"--json {result} exists: name a new file")
    if result is not None and not result.parent.is_dir():
        raise ModelError(f"--json {result}: the folder {result.parent} does not exist; create it first")
    backend = load_model(model, device=device, precision=named(precision))
    if compiled:
        network = _network(backend)
        if network is None:
            raise ModelError(f"{model} is an exported model, which cannot be compiled: leave --compiled out")
        backend = network.compiled()
    pixels = network_size((1, 1), size, backend.stride)
    other = backend if against is None else load_model(against, device=device, precision="float32")
    rival = _network(other)
    if against is not None and rival is None:
        raise ModelError(f"--against {against} is an exported model: name a model of PyTorch")
    if other.stride != backend.stride:
        raise ModelError(
            f"--against {against} has patches of {other.stride} pixels, {model} of {backend.stride}"
        )
    numbers = _measure(backend, rival, pixels, repeats) | {"compiled": compiled}
    _print(numbers)
    if result is not None:
        from skipclick.evaluation.trace_file import write_whole

        write_whole(result, json.dumps(numbers, indent=2) + "\n")
        typer.echo(f"wrote {result}")


def _measure(
    backend: Backend, rival: TorchBackend | None, size: tuple[int, int], repeats: int
) -> dict[str, Any]:
    """All numbers, as they go into JSON; those of the rival's plain form if there is one."""
    from skipclick.backend.protocol import precision_of
    from skipclick.backend.speed import measure
    from skipclick.backend.threads import thread_count

    network = _network(backend)
    models = [backend] if rival is None else [backend, rival.plain_form()]
    speed, *plain = measure(models, size, repeats)
    numbers: dict[str, Any] = {
        "format": FORMAT,
        "model": backend.name,
        "fingerprint": backend.fingerprint,
        "backend": type(backend).__name__,
        "device": backend.device,
        "precision": precision_of(backend),
        "threads": thread_count(),
        "size": list(size),
        "repeats": repeats,
        "encode_ms": dataclasses.asdict(speed.encode),
        "click_ms": dataclasses.asdict(speed.click),
        "features_bytes": speed.features,
        "peak_memory_bytes": _peak_memory(),
    }
    if plain:
        numbers["plain_form"] = {
            "encode_ms": dataclasses.asdict(plain[0].encode),
            "click_ms": dataclasses.asdict(plain[0].click),
        }
    if network is not None:
        from skipclick.model.cost import matrix_peak, multiply_adds

        form = network.form
        weight = form.network.prompt_embed.weight
        numbers["multiply_adds"] = multiply_adds(form, size)
        numbers["peak_multiply_adds_per_second"] = matrix_peak(weight.device, weight.dtype)
    return numbers


def _network(backend: Backend) -> TorchBackend | None:
    """The model as a network of PyTorch; an exported one is none."""
    if "torch" not in sys.modules:
        return None
    from skipclick.backend.torch import TorchBackend

    return backend if isinstance(backend, TorchBackend) else None


def _peak_memory() -> int | None:
    """Most memory that this process has held, in bytes; None where the system does not tell."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def _print(numbers: dict[str, Any]) -> None:
    height, width = numbers["size"]
    arithmetic = f"{numbers['precision']}{', compiled,' if numbers['compiled'] else ''}"
    typer.echo(
        f"{numbers['model']}, {arithmetic} on {numbers['device']} ({numbers['backend']}), "
        f"{numbers['threads']} threads, {width}×{height}, {numbers['repeats']} repeats\n"
    )
    costs, plain = numbers.get("multiply_adds"), numbers.get("plain_form")
    heads = ["", "median", "p95", "best"]
    heads += [] if costs is None else ["GMAC", "of peak"]
    heads += [] if plain is None else ["plain form", "ratio"]
    rows = [heads]
    for part, title in (("encode", "one photo"), ("click", "one click")):
        times = numbers[f"{part}_ms"]
        row = [title, *(f"{times[key]:.0f} ms" for key in ("median", "p95", "best"))]
        if costs is not None:
            rate = costs[part] / (times["best"] / 1000)
            row += [
                f"{costs[part] / 1e9:.1f}",
                f"{100 * rate / numbers['peak_multiply_adds_per_second']:.0f} %",
            ]
        if plain is not None:
            theirs = plain[f"{part}_ms"]["median"]
            row += [f"{theirs:.0f} ms", f"{theirs / times['median']:.2f}"]
        rows.append(row)
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    for row in rows:
        cells = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        typer.echo("  ".join([row[0].ljust(widths[0]), *cells]).rstrip())
    typer.echo()
    if costs is not None:
        parts = ", ".join(f"{part} {costs[part] / 1e9:.1f}" for part in _PARTS)
        typer.echo(f"GMAC of the parts as they are written: {parts}")
        peak = numbers["peak_multiply_adds_per_second"]
        typer.echo(f"peak of a large matrix product here: {peak / 1e9:.0f} GMAC/s")
    typer.echo(f"an encoded photo: {numbers['features_bytes'] / 2**20:.1f} MiB")
    if numbers["peak_memory_bytes"] is not None:
        typer.echo(f"most memory held: {numbers['peak_memory_bytes'] / 2**20:.0f} MiB")
