"""How much the fast form of a network saves, against a plain form written as the paper draws it.

    python benchmarks/fast_path.py [--model skipclick-s] [--device cpu] [--sizes 448] [--repeats 5]

The plain form has explicit softmax attention (the matrix of weights in memory), concatenates maps before each
convolution, mixes the encoder's taps at every click and tests every pixel against every click. "Written" is
`SkipClick` as it stands. All forms take turns in one run, so that the ratios hold on a noisy machine too; the
weights are random, which changes no time. "Difference" is the largest difference between the logits of the
plain and the fast form, as a part of their standard deviation. "Evaluation" is the time of an evaluation of
one object, ten clicks averaged with the mirrored image: the plain form's whole network at every click, over
the fast form's, which encodes once. "Of peak" is the fast form's multiply-adds a second as a share of the
best of a large matrix product on this device: what no rearrangement in float32 can exceed by much.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from skipclick.backend.speed import in_turns
from skipclick.backend.torch import choose_device, finish
from skipclick.model.config import MODELS
from skipclick.model.cost import matrix_peak, multiply_adds
from skipclick.model.fast import FastSkipClick, fast
from skipclick.model.plain import PlainSkipClick
from skipclick.model.skipclick import SkipClick


def medians(actions: Sequence[Callable[[], object]], repeats: int, device: torch.device) -> list[float]:
    """Median milliseconds of each action, in turns, until the device has finished."""

    def finished(action: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            action()
            finish(device)

        return run

    return [latency.median for latency in in_turns([finished(action) for action in actions], repeats)]


def measure(network: SkipClick, size: int, repeats: int, device: torch.device) -> str:
    """One line of the table."""
    image, points, previous = arguments_for(size, 1, device)
    forms: list[SkipClick | FastSkipClick] = [PlainSkipClick.of(network), network, fast(network)]
    features = [form.encode(image) for form in forms]
    encode = medians([lambda form=form: form.encode(image) for form in forms], repeats, device)
    click = medians(
        [
            lambda form=form, given=given: form.decode(given, points, previous)
            for form, given in zip(forms, features, strict=True)
        ],
        repeats,
        device,
    )
    plain, quick = (forms[i].decode(features[i], points, previous) for i in (0, 2))
    difference = float((plain - quick).abs().max() / plain.std())
    cells = [f"{ms:.0f}" for ms in encode] + [f"{encode[0] / encode[2]:.2f}"]
    cells += [f"{ms:.0f}" for ms in click] + [f"{click[0] / click[2]:.2f}", f"{click[1] / click[2]:.2f}"]
    evaluation = evaluation_ratio(forms[0], forms[2], size, repeats, device)
    costs, peak = multiply_adds(forms[2], (size, size)), matrix_peak(device, torch.float32)
    shares = [
        f"{100 * costs[part] / (ms / 1000) / peak:.0f} %"
        for part, ms in zip(PARTS, (encode[2], click[2]), strict=True)
    ]
    return f"| {size} | {' | '.join(cells)} | {difference:.0e} | {evaluation:.2f} | {' | '.join(shares)} |"


PARTS = ("encode", "click")

COLUMNS = (
    "size",
    *("encode: plain", "written", "fast", "plain / fast"),
    *("click: plain", "written", "fast", "plain / fast", "written / fast"),
    "difference",
    "evaluation",
    *("encode: of peak", "click: of peak"),
)


def arguments_for(size: int, count: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Images, five clicks of each kind and previous masks."""
    generator = torch.Generator().manual_seed(0)
    points = torch.rand(count, 2, 5, 2, generator=generator, dtype=torch.float64) * size
    image = torch.rand(count, 3, size, size, generator=generator)
    previous = torch.rand(count, 1, size, size, generator=generator)
    return image.to(device), points.to(device), previous.to(device)


def evaluation_ratio(
    plain: SkipClick, quick: FastSkipClick, size: int, repeats: int, device: torch.device, clicks: int = 10
) -> float:
    """How many times longer `clicks` clicks take if the whole plain network runs at each of them."""
    image, points, previous = arguments_for(size, 2, device)
    features = quick.encode(image)
    whole, encode, click = medians(
        [
            lambda: plain.decode(plain.encode(image), points, previous),
            lambda: quick.encode(image),
            lambda: quick.decode(features, points, previous),
        ],
        repeats,
        device,
    )
    return clicks * whole / (encode + clicks * click)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="skipclick-s", choices=sorted(MODELS))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--sizes", type=int, nargs="+", default=[448])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, help="of the CPU; PyTorch's choice if not given")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    device = choose_device(arguments.device)
    torch.manual_seed(0)
    network = SkipClick(MODELS[arguments.model]).eval().requires_grad_(False).to(device)
    print(f"{arguments.model} on {device}, {torch.get_num_threads()} threads, milliseconds\n")
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    with torch.inference_mode():
        for size in arguments.sizes:
            print(measure(network, size, arguments.repeats, device))


if __name__ == "__main__":
    main()
