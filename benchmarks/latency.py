"""How long it takes to encode a photo and to answer a click, and how much cheaper the click is.

    python benchmarks/latency.py [--model skipclick-s] [--device auto] [--precision bf16] [--sizes 448 672]

--batch 16 encodes sixteen photos together, and clicks on all of them at once. --compiled, on CUDA alone, lets
PyTorch compile the click path and replay it as a CUDA graph.

The ratio compares one click on an encoded image with what a network that fuses early has to do at every
click: encode and decode. All three are medians of one run.
"""

from __future__ import annotations

import argparse
import resource

from skipclick import load_model
from skipclick.backend.loading import PRECISIONS
from skipclick.backend.protocol import Backend, precision_of
from skipclick.backend.speed import measure
from skipclick.backend.torch import TorchBackend


def row(model: Backend, size: int, repeats: int, batch: int) -> str:
    """One line of the table."""
    (speed,) = measure([model], (size, size), repeats, batch=batch)
    encode, click = speed.encode.median, speed.click.median
    ratio, memory = (encode + click) / click, speed.features / 2**20
    # A graphics card takes a few milliseconds, a processor hundreds.
    times = (f"{time:.1f}" if time < 100 else f"{time:.0f}" for time in (encode, click))
    return f"| {size} | {' | '.join(times)} | {ratio:.1f} | {memory:.1f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="skipclick-s")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--sizes", type=int, nargs="+", default=[448, 672, 896])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--precision", choices=PRECISIONS)
    parser.add_argument("--compiled", action="store_true")
    arguments = parser.parse_args()
    model = load_model(arguments.model, device=arguments.device, precision=arguments.precision)
    if arguments.compiled:
        if not isinstance(model, TorchBackend):
            parser.error("--compiled needs a model of PyTorch")
        model = model.compiled()
    print(f"{model.name} on {model.device}, {precision_of(model)}, batches of {arguments.batch}")
    print("| size | encode, ms | click, ms | whole network / click | features, MiB |")
    print("|---|---|---|---|---|")
    for size in arguments.sizes:
        print(row(model, size, arguments.repeats, arguments.batch))
    print(f"\npeak resident memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
