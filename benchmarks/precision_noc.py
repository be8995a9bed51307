"""What other precisions than float32 cost in clicks: NoC of the same model on the same objects.

    skipclick export skipclick-s -o int8 --precision int8 --images PHOTOS
    python benchmarks/precision_noc.py GrabCut=data/GrabCut Berkeley=data/Berkeley --runs runs/precision \
        --bf16 --exported int8

Evaluates as `skipclick evaluate` does, leaves the same traces and goes on where it stopped. PHOTOS must not
be those that are measured. The differences to float32 are paired over objects, with 95 % intervals.

A processor without bfloat16 instructions takes minutes for one product in it, so with --emulate products are
computed in float32 from factors in bfloat16, and rounded to it: what such instructions do. All else is
computed in bfloat16 anyway.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from skipclick import load_model
from skipclick.apps.cli.data_options import parse_data
from skipclick.backend.protocol import Backend
from skipclick.datasets import open_dataset
from skipclick.evaluation.protocol import PUBLISHED
from skipclick.evaluation.run import evaluate_dataset, open_trace
from skipclick.report.compare import compare_runs
from skipclick.report.runs import read_run

PRODUCTS = {
    F.linear,
    F.conv2d,
    F.conv_transpose2d,
    F.scaled_dot_product_attention,
    torch.matmul,
    torch.bmm,
    torch.baddbmm,
    torch.Tensor.matmul,
    torch.Tensor.__matmul__,
}
"""What is emulated: everything that multiplies matrices."""


class ProductsInFloat32(TorchFunctionMode):
    """Computes products of bfloat16 tensors in float32 and rounds what comes out."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        kwargs = dict(kwargs or {})
        if func not in PRODUCTS or not any(_half(x) for x in (*args, *kwargs.values())):
            return func(*args, **kwargs)
        wide = func(*(_widened(x) for x in args), **{name: _widened(x) for name, x in kwargs.items()})
        return wide.to(torch.bfloat16)


def _half(x: object) -> bool:
    return isinstance(x, torch.Tensor) and x.dtype == torch.bfloat16


def _widened(x: Any) -> Any:
    return x.float() if _half(x) else x


def evaluate(model: Backend, title: str, data: Sequence[str], runs: Path, limit: int | None) -> list[Path]:
    """Evaluate on each data set; the traces."""
    files = []
    for reader, label, folder in (choice for text in data for choice in parse_data(text)):
        dataset = open_dataset(reader, folder, label=label)
        file = runs / f"{title}_{label}.jsonl"
        with open_trace(file, model, dataset, PUBLISHED) as trace:
            evaluate_dataset(model, dataset, PUBLISHED, limit=limit, trace=trace)
        files.append(file)
    return files


def table(title: str, exact: Sequence[Path], other: Sequence[Path]) -> None:
    """Print NoC in both precisions, and what the other one costs."""
    for pair in zip(exact, other, strict=True):
        first, second = map(read_run, pair)
        found = compare_runs(first, second, np.random.default_rng(0))
        for one in found.differences:
            if one.name.startswith("NoC"):
                change = f"{one.change.mean:+.2f} [{one.change.low:+.2f}, {one.change.high:+.2f}]"
                share = f"{100 * one.change.mean / one.first:+.1f} %"
                cells = (
                    title,
                    first.label,
                    one.name,
                    f"{one.first:.2f}",
                    f"{one.second:.2f}",
                    change,
                    share,
                )
                print("| " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="+", help="NAME=FOLDER")
    parser.add_argument("--runs", type=Path, required=True, help="the folder of traces")
    parser.add_argument("--model", default="skipclick-s")
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--emulate", action="store_true", help="of bf16, see above")
    parser.add_argument("--exported", type=Path, action="append", default=[], help="an exported model")
    parser.add_argument("--limit", type=int, help="only so many photos of each")
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    arguments.runs.mkdir(parents=True, exist_ok=True)

    def run(model: Backend, title: str) -> list[Path]:
        return evaluate(model, title, arguments.data, arguments.runs, arguments.limit)

    exact = run(load_model(arguments.model, precision="float32"), "float32")
    print("| precision | data | | float32 | this | difference | share |\n|---|---|---|---|---|---|---|")
    if arguments.bf16:
        with ProductsInFloat32() if arguments.emulate else contextlib.nullcontext():
            table("bf16", exact, run(load_model(arguments.model, precision="bf16"), "bf16"))
    for folder in arguments.exported:
        table(folder.name, exact, run(load_model(folder), folder.name))


if __name__ == "__main__":
    main()
