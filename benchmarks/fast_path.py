"""How much the fast form of a network saves, against a plain form written as the paper draws it.

    python benchmarks/fast_path.py [--model skipclick-s] [--device cpu] [--sizes 448] [--repeats 5]

The plain form has explicit softmax attention (the matrix of weights in memory), concatenates maps before each
convolution, mixes the encoder's taps at every click and tests every pixel against every click. "Written" is
`SkipClick` as it stands. All forms take turns in one run, so that the ratios hold on a noisy machine too; the
weights are random, which changes no time. "Difference" is the largest difference between the logits of the
plain and the fast form, as a part of their standard deviation. The last column is the time of an evaluation
of one object, ten clicks averaged with the mirrored image: the plain form's whole network at every click,
over the fast form's, which encodes once.
"""

from __future__ import annotations

import argparse
import copy
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from skipclick.backend.torch import choose_device
from skipclick.model.config import MODELS
from skipclick.model.fast import FastSkipClick, fast
from skipclick.model.skipclick import ImageFeatures, SkipClick, normalise
from skipclick.model.transformer import Attention, Block, as_map


class SoftmaxAttention(nn.Module):
    """`Attention` with its matrix of weights formed and normalised by softmax."""

    def __init__(self, attention: Attention) -> None:
        super().__init__()
        self.qkv, self.proj, self.heads = attention.qkv, attention.proj, attention.heads

    def forward(self, x: Tensor, rotate: Callable[[Tensor], Tensor] | None = None) -> Tensor:
        batch, count, width = x.shape
        qkv = self.qkv(x).view(batch, count, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        if rotate is not None:
            query, key = rotate(query), rotate(key)
        scale = (width // self.heads) ** -0.5
        weights = (query @ key.transpose(-2, -1) * scale).softmax(dim=-1)
        return self.proj((weights @ value).transpose(1, 2).reshape(batch, count, width))


class PlainForm:
    """`encode` and `decode` with nothing saved but the encoder and the image branch."""

    def __init__(self, network: SkipClick) -> None:
        self.network = copy.deepcopy(network)
        for module in self.network.modules():
            if isinstance(module, Block):
                module.attn = SoftmaxAttention(module.attn)

    def encode(self, image: Tensor) -> tuple[list[Tensor], tuple[int, int], tuple[Tensor, ...]]:
        """Normalised taps, the grid, the image branch."""
        network, config = self.network, self.network.config
        grid = image.shape[-2] // config.patch, image.shape[-1] // config.patch
        image = normalise(image)
        taps = network.backbone(image, config.taps)
        if config.normalise_taps:
            taps = [norm(tap) for norm, tap in zip(network.tap_norms, taps, strict=True)]
        return taps, grid, network.detail.encode(image) if config.detail else ()

    def decode(
        self,
        features: tuple[list[Tensor], tuple[int, int], tuple[Tensor, ...]],
        points: Tensor,
        previous: Tensor,
    ) -> Tensor:
        """Mix the taps, then `SkipClick.decode`."""
        network, config = self.network, self.network.config
        taps, grid, detail = features
        fused = network.fuse(torch.cat(taps, dim=-1)) if config.fuses else taps[0]
        skips = tuple(as_map(tap, grid) for tap in taps) if config.skip else ()
        return network.decode(ImageFeatures(as_map(fused, grid), skips, detail), points, previous)


def in_turns(actions: list[Callable[[], object]], repeats: int, device: torch.device) -> list[float]:
    """Median milliseconds of each action, each called once before."""
    times: list[list[float]] = [[] for _ in actions]
    for turn in range(repeats + 1):
        for action, taken in zip(actions, times, strict=True):
            began = time.perf_counter()
            action()
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            if turn:
                taken.append(1000 * (time.perf_counter() - began))
    return [statistics.median(taken) for taken in times]


def measure(network: SkipClick, size: int, repeats: int, device: torch.device) -> str:
    """One line of the table."""
    image, points, previous = arguments_for(size, 1, device)
    forms: list[PlainForm | SkipClick | FastSkipClick] = [PlainForm(network), network, fast(network)]
    features = [form.encode(image) for form in forms]
    encode = in_turns([lambda form=form: form.encode(image) for form in forms], repeats, device)
    click = in_turns(
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
    return f"| {size} | {' | '.join(cells)} | {difference:.0e} | {evaluation:.2f} |"


def arguments_for(size: int, count: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Images, five clicks of each kind and previous masks."""
    generator = torch.Generator().manual_seed(0)
    points = torch.rand(count, 2, 5, 2, generator=generator, dtype=torch.float64) * size
    image = torch.rand(count, 3, size, size, generator=generator)
    previous = torch.rand(count, 1, size, size, generator=generator)
    return image.to(device), points.to(device), previous.to(device)


def evaluation_ratio(
    plain: PlainForm, quick: FastSkipClick, size: int, repeats: int, device: torch.device, clicks: int = 10
) -> float:
    """How many times longer `clicks` clicks take if the whole plain network runs at each of them."""
    image, points, previous = arguments_for(size, 2, device)
    features = quick.encode(image)
    whole, encode, click = in_turns(
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
    print("| size | encode: plain | written | fast | plain / fast ", end="")
    print("| click: plain | written | fast | plain / fast | written / fast | difference | evaluation |")
    print("|" + "---|" * 12)
    with torch.inference_mode():
        for size in arguments.sizes:
            print(measure(network, size, arguments.repeats, device))


if __name__ == "__main__":
    main()
