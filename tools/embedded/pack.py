"""Turn training runs into the embedded decoder file, float16; of several, the mean of their weights.

python tools/embedded/pack.py RUN/last.pt [RUN2/last.pt …] --note "what it was trained on and how"
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from make_crops import BACKBONE, CONFIG
from torch import Tensor

from skipclick.weights.files import save_model_file

TARGET = BACKBONE.with_name("skipclick-s.safetensors")


def mean_weights(states: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of each tensor over several runs of one network."""
    return {name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("-o", "--out", type=Path, default=TARGET)
    parser.add_argument("--note", required=True)
    arguments = parser.parse_args()
    runs = [torch.load(path, weights_only=True) for path in arguments.checkpoints]
    counts = " and ".join(f"{run['step']} steps, {run['seen']} samples" for run in runs if "step" in run)
    metadata = {
        "licence": "Apache-2.0",
        "backbone": f"{BACKBONE.name} (frozen, not in this file)",
        "training": f"{arguments.note}; {counts}; averaged weights",
    }
    weights = mean_weights([run["average"] for run in runs])
    save_model_file(arguments.out, CONFIG, weights, dtype="float16", metadata=metadata)
    count = sum(tensor.numel() for tensor in weights.values())
    print(f"{arguments.out}: {count:,} parameters, {arguments.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
