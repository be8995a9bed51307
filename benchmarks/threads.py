"""What a click takes in a program of several threads, beside one that computes in a single thread.

    python benchmarks/threads.py [--model skipclick-s] [--precision auto] [--rounds 5]

One thread answers clicks, as the annotator's does, first alone and then while another thread is there that
has encoded a photo before; these take turns. With `--apart` every thread computes itself, as PyTorch would
by default, and with helpers of its own; compare the ratios.
"""

from __future__ import annotations

import argparse
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from skipclick import load_model
from skipclick.backend.loading import PRECISIONS
from skipclick.backend.protocol import Backend
from skipclick.backend.torch import TorchBackend
from skipclick.prompt import Click, Prompt

SIZE = 448


def time_clicks(model: Backend, clicks: int) -> list[float]:
    """Milliseconds of each click, with a pause before each."""
    features = model.encode(np.zeros((1, 3, SIZE, SIZE), np.float32))
    times = []
    for number in range(clicks):
        time.sleep(0.05)
        prompt = Prompt((Click(20.0 + 8 * number, 200.0),))
        began = time.perf_counter()
        model.decode(features, [prompt])
        times.append(1000 * (time.perf_counter() - began))
    return times[2:]


def beside_another(model: Backend, clicks: int) -> list[float]:
    """The same while a thread is there that has encoded a photo, and does nothing more."""
    encoded, leave = threading.Event(), threading.Event()

    def encode() -> None:
        model.encode(np.zeros((1, 3, SIZE, SIZE), np.float32))
        encoded.set()
        leave.wait()

    other = threading.Thread(target=encode)
    other.start()
    encoded.wait()
    try:
        return time_clicks(model, clicks)
    finally:
        leave.set()
        other.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="skipclick-s")
    parser.add_argument("--precision", choices=PRECISIONS, default="auto")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clicks", type=int, default=20)
    parser.add_argument("--apart", action="store_true", help="let every thread compute itself")
    arguments = parser.parse_args()
    if arguments.apart:
        TorchBackend._run = lambda self, work: work()  # type: ignore[method-assign]
    model = load_model(arguments.model, device="cpu", precision=arguments.precision)
    alone: list[float] = []
    beside: list[float] = []
    with ThreadPoolExecutor(1) as clicker:
        for _ in range(arguments.rounds):
            alone += clicker.submit(time_clicks, model, arguments.clicks).result()
            beside += clicker.submit(beside_another, model, arguments.clicks).result()
    one, two = np.median(alone), np.median(beside)
    print(f"a click: {one:.0f} ms alone, {two:.0f} ms beside another thread, {two / one:.2f} times as long")


if __name__ == "__main__":
    main()
