"""NoC of a decoder file on the validation part of `train_mix`: what every idea is judged by first.

    python tools/embedded/validate.py TRAIN_MIX --run RUN/last.pt [--images 60] [--size 448]

At most two objects of an image are used, those of at least half a percent of it. The benchmarks stay
untouched until a decision has been made here.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import torch
from designs import DESIGNS
from make_crops import load_backbone

from skipclick.backend.torch import TorchBackend, build_network
from skipclick.datasets import Dataset, Sample, TargetObject
from skipclick.evaluation.metrics import summarise
from skipclick.evaluation.protocol import EvaluationProtocol
from skipclick.evaluation.run import evaluate_dataset
from skipclick.weights.files import read_tensors


def read_objects(path: Path) -> tuple[TargetObject, ...]:
    """The two largest objects of a label map, if they are not tiny."""
    labels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    areas = np.bincount(labels.ravel())[1:]
    order = [int(index) + 1 for index in np.argsort(-areas)[:2] if areas[index] > labels.size * 0.005]
    return tuple(TargetObject(label, (labels == label).astype(np.int8)) for label in order)


def open_validation(root: Path, images: int) -> Dataset:
    """A fixed choice of validation images, spread over the sources."""
    rows = [json.loads(line) for line in (root / "index.jsonl").read_text().splitlines()]
    rows = [row for row in rows if row["split"] == "val" and any(o["area"] > 1500 for o in row["objects"])]
    chosen = np.random.default_rng(7).permutation(len(rows))[:images]
    samples = []
    for index in sorted(chosen):
        name = rows[index]["name"]
        mask = root / "masks" / f"{name}.png"
        if read_objects(mask):
            samples.append(Sample(name, root / "images" / f"{name}.jpg", mask, read_objects))
    return Dataset("train_mix", "train_mix val", tuple(samples))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mix", type=Path)
    parser.add_argument("--run", type=Path, required=True, help="last.pt of a run, or a decoder file")
    parser.add_argument("--images", type=int, default=60)
    parser.add_argument("--size", type=int, default=448)
    parser.add_argument("--design", choices=sorted(DESIGNS), default="skipclick-s")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--zoom", action="store_true", help="as in `skipclick evaluate`")
    parser.add_argument("--precision", choices=("float32", "bf16"), default="float32")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    if arguments.run.suffix == ".safetensors":
        decoder, name = read_tensors(arguments.run)[0], arguments.run.name
    else:
        saved = torch.load(arguments.run, weights_only=True)
        decoder, name = saved["average"], f"step {saved['step']}"
    state = {f"backbone.{name}": tensor for name, tensor in load_backbone().state_dict().items()}
    model = TorchBackend(
        build_network(DESIGNS[arguments.design], decoder | state, str(arguments.run)),
        name="run",
        device="cpu",
        precision=arguments.precision,
    )
    protocol = EvaluationProtocol(mirror=False, size=(arguments.size, arguments.size), zoom=arguments.zoom)
    traces = evaluate_dataset(model, open_validation(arguments.mix, arguments.images), protocol)
    summary = summarise(traces)
    noc = {f"NoC@{100 * level:.0f}": round(value, 3) for level, value in summary.noc.items()}
    ious = {f"IoU@{count}": round(value, 4) for count, value in summary.iou_after.items()}
    print({"weights": name, "objects": summary.objects, **noc, **ious})


if __name__ == "__main__":
    main()
