"""How long it takes to encode a photo and to answer a click, and how much cheaper the click is.

    python benchmarks/latency.py [--model skipclick-s] [--device auto] [--precision auto] [--sizes 448 672]

--compiled, on CUDA alone, lets PyTorch compile the click path and replay it as a CUDA graph.

The ratio compares one click on an encoded image with what a network that fuses early has to do at every
click: encode and decode. Both are measured in the same run, so that it holds on a noisy machine too.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable

import numpy as np

from skipclick import Click, load_model
from skipclick.backend.loading import PRECISIONS
from skipclick.backend.protocol import Backend
from skipclick.backend.torch import TorchBackend
from skipclick.prompt import Prompt


def median_ms(action: Callable[[], object], repeats: int) -> float:
    """Median milliseconds of a call, after one that is not counted."""
    action()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times)


def measure(model: Backend, size: int, repeats: int) -> tuple[float, float, float, float]:
    """Encode ms, click ms, whole network / click, features in MiB.

    Numpy arrays come back, so the device has finished when the clock is read.
    """
    random = np.random.default_rng(0)
    image = random.random((1, 3, size, size), dtype=np.float32)
    previous = random.random((size, size), dtype=np.float32)
    clicks = tuple(Click(*random.uniform(0, size, 2), positive=bool(i % 2)) for i in range(5))
    prompt = Prompt(clicks, previous)
    features = model.encode(image)
    click = median_ms(lambda: model.decode(features, [prompt]), repeats)
    whole = median_ms(lambda: model.decode(model.encode(image), [prompt]), repeats)
    return whole - click, click, whole / click, features.nbytes / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="skipclick-s")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--sizes", type=int, nargs="+", default=[448, 672, 896])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--precision", default="auto", choices=PRECISIONS)
    parser.add_argument("--compiled", action="store_true")
    arguments = parser.parse_args()
    model = load_model(arguments.model, device=arguments.device, precision=arguments.precision)
    if arguments.compiled:
        if not isinstance(model, TorchBackend):
            parser.error("--compiled needs a model of PyTorch")
        model = model.compiled()
    print(f"{model.name} on {model.device}, {getattr(model, 'precision', 'float32')}")
    print("| size | encode, ms | click, ms | whole network / click | features, MiB |")
    print("|---|---|---|---|---|")
    for size in arguments.sizes:
        encode, click, ratio, memory = measure(model, size, arguments.repeats)
        print(f"| {size} | {encode:.0f} | {click:.0f} | {ratio:.1f} | {memory:.1f} |")
    print(f"\npeak resident memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
