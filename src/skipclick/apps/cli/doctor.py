"""`skipclick doctor`: what is installed, what it runs on, and how fast it is here."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Iterable
from importlib.metadata import version
from typing import Annotated

import typer

Rows = list[tuple[str, str]]

PACKAGES = (
    "skipclick",
    "torch",
    "onnxruntime",
    "openvino",
    "numpy",
    "scipy",
    "opencv-python-headless",
    "pillow",
    "safetensors",
    "huggingface_hub",
)
MODEL = "skipclick-s"


def doctor(
    device: Annotated[str, typer.Option(help="What to time: cpu, cuda, mps or auto.")] = "auto",
) -> None:
    """Show versions, devices and models, and time one photo and a few clicks."""
    _print("versions", _versions())
    _print("machine", _machine())
    _print("devices", _devices())
    _print("models here", _models())
    _print("downloads", _downloads())
    _print(f"speed of {MODEL}", _speed(device))


def _print(title: str, rows: Iterable[tuple[str, str]]) -> None:
    typer.echo(title)
    for name, value in rows:
        typer.echo(f"  {name:<24} {value}")


def _versions() -> Rows:
    from skipclick.evaluation.environment import installed_version

    return [("python", platform.python_version()), *((name, installed_version(name)) for name in PACKAGES)]


def _machine() -> Rows:
    from skipclick.backend.threads import thread_count, usable_cores
    from skipclick.evaluation.environment import processor_name

    all_cores, cores, threads = os.cpu_count() or "unknown", usable_cores(), thread_count()
    if os.environ.get("OMP_NUM_THREADS") == str(threads):
        reason = "OMP_NUM_THREADS says so"
    elif threads < cores:
        reason = "more are not this container's, or of no use"
    else:
        reason = "one for each core"
    return [
        ("system", f"{platform.system()} {platform.release()}"),
        ("processor", processor_name()),
        ("cores", str(cores) if cores == all_cores else f"{cores} of {all_cores} for this process"),
        ("threads of a model", f"{threads}: {reason}"),
    ]


def _devices() -> Rows:
    from skipclick.backend.loading import require_torch
    from skipclick.errors import ModelError

    try:
        require_torch("using a device other than the CPU")
    except ModelError as error:
        return [("PyTorch", str(error))]
    from skipclick.backend.torch import choose_device, has_bf16

    reasons: dict[str, str] = {}
    for name in ("cuda", "mps"):
        try:
            choose_device(name)
        except ModelError:
            reasons[name] = "not usable"
    if "cuda" in reasons and version("torch").endswith("+cpu"):
        reasons["cuda"] = "not usable: this PyTorch was built for the CPU alone"
    if "cuda" not in reasons:
        why = "CUDA is the first choice"
    elif "mps" not in reasons:
        why = "there is no usable CUDA device, MPS comes next"
    else:
        why = "there is neither a usable CUDA device nor MPS"
    device = choose_device("auto")
    if has_bf16(device):
        precision = "bf16: the device has instructions for it"
    else:
        precision = "float32: the device has no instructions for bf16"
    return [
        ("CUDA", reasons.get("cuda", "usable")),
        ("MPS", reasons.get("mps", "usable")),
        ("--device auto means", f"{device}: {why}"),
        ("--precision auto means", precision),
    ]


def _models() -> Rows:
    from skipclick.weights import registry

    here = [entry for entry in registry.entries().values() if entry.here]
    rows = []
    for entry in here:
        size = sum(path.stat().st_size for path in entry.paths)
        rows.append((entry.name, f"{size / 1e6:.0f} MB, {entry.title}"))
    return rows or [("none", "`skipclick models` lists what there is")]


def _downloads() -> Rows:
    from skipclick.weights.download import cache_folder, offline

    state = "switched off by SKIPCLICK_OFFLINE or HF_HUB_OFFLINE" if offline() else "allowed"
    return [("network", state), ("kept in", str(cache_folder()))]


def _speed(device: str) -> Rows:
    from skipclick.apps.cli.demo import CLICKS, PHOTO
    from skipclick.backend.loading import load_model
    from skipclick.encoded import encode_image
    from skipclick.errors import ModelError
    from skipclick.image import load_image
    from skipclick.prompt import Click
    from skipclick.session import Session

    try:
        clock = time.perf_counter()
        model = load_model(MODEL, device=device)
        loaded = time.perf_counter() - clock
    except ModelError as error:
        return [("not measured", str(error))]
    image = load_image(PHOTO)
    # The first run pays for what is set up once; the second is what a user waits for.
    for _ in range(2):
        clock = time.perf_counter()
        session = Session(model, encode_image(model, image))
        encoded = time.perf_counter() - clock
        clicks: list[float] = []
        for x, y, positive in CLICKS:
            clock = time.perf_counter()
            session.add(Click(x, y, positive))
            clicks.append(time.perf_counter() - clock)
    return [
        ("device", model.device),
        ("loading", f"{loaded:.1f} s"),
        ("encoding a photo", f"{1000 * encoded:.0f} ms at 448×448"),
        ("a click", f"{1000 * statistics.median(clicks):.0f} ms, median of {len(clicks)}"),
    ]
