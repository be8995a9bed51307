"""Turn a training run into the embedded decoder file, float16.

python tools/embedded/pack.py RUN/last.pt --note "what it was trained on and how"
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from make_crops import BACKBONE, CONFIG

from skipclick.weights.files import save_model_file

TARGET = BACKBONE.with_name("skipclick-s.safetensors")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("-o", "--out", type=Path, default=TARGET)
    parser.add_argument("--note", required=True)
    arguments = parser.parse_args()
    saved = torch.load(arguments.checkpoint, weights_only=True)
    metadata = {
        "licence": "Apache-2.0",
        "backbone": f"{BACKBONE.name} (frozen, not in this file)",
        "training": f"{arguments.note}; {saved['step']} steps, {saved['seen']} samples; averaged weights",
    }
    save_model_file(arguments.out, CONFIG, saved["average"], dtype="float16", metadata=metadata)
    count = sum(tensor.numel() for tensor in saved["average"].values())
    print(f"{arguments.out}: {count:,} parameters, {arguments.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
