"""What bf16 and int8 save, in PyTorch and exported, against the plain form in float32, in turns in one run.

    python benchmarks/exported.py WORK [--model skip] [--size 448] [--repeats 7] [--images PHOTOS]

WORK is a folder for the exported models (made there once, in some minutes) and, for a model whose weights are
not in the package, for a file of random ones, which change no time. The plain form is the network as the
published code computes it. "Ten clicks" is an evaluation of one object, averaged with the mirrored image: the
plain form runs the whole network at every click, the others encode once.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from skipclick import load_model
from skipclick.backend.protocol import Backend
from skipclick.backend.speed import in_turns, measure
from skipclick.backend.torch import TorchBackend
from skipclick.export.write import export_model
from skipclick.image import load_image
from skipclick.model.config import MODELS
from skipclick.model.skipclick import SkipClick
from skipclick.prompt import Click, Prompt
from skipclick.weights.files import save_model_file

PHOTOS = Path(__file__).parents[1] / "tests" / "data"
EMBEDDED = "skipclick-s"
CLICKS = 10


def with_weights(name: str, work: Path) -> str:
    """The embedded model's name, or a file of random weights for another."""
    if name == EMBEDDED:
        return name
    path = work / f"{name}.safetensors"
    if not path.exists():
        torch.manual_seed(0)
        save_model_file(path, MODELS[name], SkipClick(MODELS[name]).state_dict(), dtype="float32")
    return str(path)


def exported(model: TorchBackend, work: Path, images: Sequence[NDArray[np.uint8]]) -> dict[str, Backend]:
    """The model exported in each precision that saves something; made where it is not there yet."""
    models: dict[str, Backend] = {}
    for title, kind, precision in (
        ("OpenVINO, float32", "openvino", "float32"),
        ("OpenVINO, bf16", "openvino", "bf16"),
        ("OpenVINO, int8", "openvino", "int8"),
        ("ONNX Runtime, int8", "onnx", "int8"),
    ):
        folder = work / f"{model.name}-{kind}-{precision}"
        if not folder.exists():
            export_model(model, folder, images, kind=kind, precision=precision)  # type: ignore[arg-type]
        models[title] = load_model(folder)
    return models


def evaluations(models: Sequence[Backend], plain: Backend, size: int, repeats: int) -> list[float]:
    """Milliseconds of ten clicks on an image and its mirror: of the plain form first, then of each model."""
    random = np.random.default_rng(0)
    images = random.random((2, 3, size, size), dtype=np.float32)
    clicks = tuple(Click(*random.uniform(0, size, 2), positive=index % 2 == 0) for index in range(5))
    prompts = [Prompt(clicks, random.random((size, size), dtype=np.float32))] * 2

    def whole(model: Backend, rounds: int) -> None:
        features = model.encode(images)
        for _ in range(rounds):
            model.decode(features, prompts)

    actions: list[Callable[[], object]] = [partial(whole, plain, 1)]
    actions += [partial(whole, model, CLICKS) for model in models]
    first, *others = (latency.median for latency in in_turns(actions, repeats))
    return [CLICKS * first, *others]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--model", default=EMBEDDED, choices=sorted(MODELS))
    parser.add_argument("--size", type=int, default=448)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--images", type=Path, default=PHOTOS, help="photos to calibrate int8 on")
    parser.add_argument("--only-export", action="store_true", help="measure nothing yet")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    source = with_weights(arguments.model, arguments.work)
    exact = load_model(source, device="cpu", precision="float32")
    if not isinstance(exact, TorchBackend):
        raise SystemExit(f"{source} is an exported model")
    images = [load_image(path) for path in sorted(arguments.images.glob("*.jpg"))[:24]]
    others = exported(exact, arguments.work, images)
    if arguments.only_export:
        return
    half = load_model(source, device="cpu", precision="bf16")
    models = {"PyTorch, float32": exact, "PyTorch, bf16": half, **others}
    plain = exact.plain_form()
    size, repeats = arguments.size, arguments.repeats
    speeds = measure([plain, *models.values()], (size, size), repeats)
    tens = evaluations(list(models.values()), plain, size, max(3, repeats // 2))
    print(f"{arguments.model} at {size}×{size}, {torch.get_num_threads()} threads\n")
    print("| | encode, ms | of plain | one click, ms | of plain | ten clicks, ms | of plain |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for title, speed, ten in zip(["plain form", *models], speeds, tens, strict=True):
        cells = [
            f"{time:.0f} | {base / time:.2f}"
            for time, base in (
                (speed.encode.median, speeds[0].encode.median),
                (speed.click.median, speeds[0].click.median),
                (ten, tens[0]),
            )
        ]
        print(f"| {title} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
