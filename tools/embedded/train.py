"""Train the decoder of `skipclick-s` on cached crops, for a given time on the CPU; resumable.

    python tools/embedded/train.py RUN --crops C336 336 2400 3 --crops C448 448 800 1 --minutes 60 --lr 4e-4

`--crops` names a folder of `make_crops.py`, its size, the count that it was made for, and its share of the
batches; `--init OTHER_RUN/last.pt` starts from another run's averaged weights.

Every simulated click is learnt from: after each answer the next click goes into an error of the answer, as in
the published recipe (specification 6.6), until the object is cut out or chance ends the sequence. Many such
sequences are under way at once and each batch takes one step of a few of them, so that its clicks are early
and late ones of different photos.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import torch
from designs import DESIGNS
from lean import lean_decode
from make_crops import load_backbone, open_crops
from muon import Muon
from numpy.typing import NDArray
from torch import Tensor

from skipclick.model.skipclick import SkipClick, normalise
from skipclick.training.encoder_start import start_fusion
from skipclick.training.loss import normalised_focal_loss, soft_iou_loss

SLOTS = 24
"""Room for clicks of each label."""

Mask = NDArray[np.bool_]


def inner_point(region: Mask, random: np.random.Generator, *, centre: bool) -> tuple[int, int] | None:
    """The innermost pixel of a region (row, column), or a random one of its inner half."""
    padded = np.pad(region.astype(np.uint8), 1)
    distance = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
    deepest = float(distance.max())
    if deepest <= 0:
        return None
    choices = np.flatnonzero(distance >= deepest if centre else distance > deepest / 2)
    return divmod(int(random.choice(choices)), region.shape[1])


def next_click(
    truth: NDArray[np.int8], guess: Mask, random: np.random.Generator
) -> tuple[int, tuple[int, int]] | None:
    """A click into the deeper of the two kinds of error: (0 positive or 1 negative, (row, column))."""
    missed, extra = (truth == 1) & ~guess, (truth == 0) & guess
    depths = [
        float(cv2.distanceTransform(np.pad(error.astype(np.uint8), 1), cv2.DIST_L2, 3).max())
        for error in (missed, extra)
    ]
    label = 0 if depths[0] > depths[1] else 1
    point = inner_point((missed, extra)[label], random, centre=random.random() < 0.6)
    return None if point is None else (label, point)


def target(labels: NDArray[np.uint8], coarse: bool, random: np.random.Generator) -> NDArray[np.int8]:
    """One object of a crop, now and then two; 1 object, 0 background, -1 ignored.

    Of coarse outlines, one pixel to each side is ignored at 224, two at 336, three at 448.
    """
    areas = np.bincount(labels.ravel(), minlength=2)
    areas[0] = 0
    ids = np.flatnonzero(areas >= labels.size // 250)
    if not len(ids):
        ids = np.array([areas.argmax()])
    count = 2 if len(ids) > 1 and random.random() < 0.1 else 1
    mask = np.isin(labels, random.choice(ids, size=count, replace=False)).astype(np.uint8)
    result = mask.astype(np.int8)
    if coarse:
        kernel = np.ones((2 * (labels.shape[0] // 112) - 1,) * 2, np.uint8)
        result[cv2.dilate(mask, kernel) != cv2.erode(mask, kernel)] = -1
    return result


def many_points(truth: NDArray[np.int8], random: np.random.Generator) -> list[tuple[int, tuple[int, int]]]:
    """Up to 24 clicks of each label, their numbers falling by a fifth each (specification 6.5).

    Positives lie anywhere in the object; half of the negatives near its outline, the others anywhere.
    """
    outside = cv2.distanceTransform((truth != 1).astype(np.uint8), cv2.DIST_L2, 3)
    reach = np.ceil(0.1 * np.sqrt((truth == 1).sum()))
    regions = (truth == 1, (truth == 0) & (outside <= reach + 1), truth == 0)
    chances = 0.8 ** np.arange(24)
    points = []
    for label in (0, 1):
        for _ in range(int(random.choice(24, p=chances / chances.sum()))):
            spots = np.flatnonzero(regions[label + int(label == 1 and random.random() < 0.5)])
            if len(spots):
                points.append((label, divmod(int(random.choice(spots)), truth.shape[1])))
    return points


def start_mask(truth: NDArray[np.int8], random: np.random.Generator) -> NDArray[np.float32]:
    """A foreign previous mask: the object shifted, grown, shrunk or made coarse."""
    mask = (truth == 1).astype(np.uint8)
    size = mask.shape[0]
    kind = random.integers(4)
    if kind == 0:
        move = random.integers(-size // 12, size // 12 + 1, size=2)
        mask = np.roll(mask, tuple(int(step) for step in move), axis=(0, 1))
    elif kind == 3:
        side = int(random.integers(6, 20))
        mask = cv2.resize(cv2.resize(mask * 255, (side, side), interpolation=cv2.INTER_AREA), (size, size))
        mask = (mask > 127).astype(np.uint8)
    else:
        kernel = np.ones((int(random.integers(3, 12)),) * 2, np.uint8)
        mask = cv2.dilate(mask, kernel) if kind == 1 else cv2.erode(mask, kernel)
    return mask.astype(np.float32)


@dataclass(frozen=True)
class Pool:
    """The crops of one folder, all of one size, and how large a share of the batches comes from them."""

    folder: Path
    size: int
    count: int
    share: float

    @cached_property
    def files(self) -> dict[str, np.memmap]:
        return open_crops(self.folder, self.size, self.count, "r")

    def ready(self) -> int:
        """How many crops are finished; the folder may be still growing or not there yet."""
        counter = self.folder / "done.txt"
        return int(counter.read_text() or 0) if counter.exists() else 0

    def draw(self, coarse: float, random: np.random.Generator) -> int:
        """A finished crop; one of coarse outlines is taken with this chance only, else drawn again.

        Where all are coarse, any is taken.
        """
        ready = self.ready()
        if self.files["coarse"][:ready].all():
            return int(random.integers(ready))
        while True:
            index = int(random.integers(ready))
            if not self.files["coarse"][index] or random.random() < coarse:
                return index


def near_outline(truth: NDArray[np.int8]) -> NDArray[np.int8]:
    """The target with all but a band along the object's outline ignored; its width is a 28th of the side."""
    mask = (truth == 1).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (truth.shape[0] // 28,) * 2)
    return np.where(cv2.dilate(mask, kernel) != cv2.erode(mask, kernel), truth, -1).astype(np.int8)


class Sequence:
    """The clicks on one object of one crop so far, and the mask that answered them."""

    def __init__(self, pool: Pool, coarse: float, random: np.random.Generator) -> None:
        self.index = pool.draw(coarse, random)
        is_coarse = bool(pool.files["coarse"][self.index])
        self.truth = target(pool.files["labels"][self.index], is_coarse, random)
        self.band = self.truth if is_coarse else near_outline(self.truth)
        self.points = np.full((2, SLOTS, 2), -1, np.float32)
        self.count = [0, 0]
        self.answers = 0
        self.previous = np.zeros(self.truth.shape, np.float32)
        if random.random() < 0.12:
            self.previous = start_mask(self.truth, random)
            click = next_click(self.truth, self.previous > 0.5, random)
        else:
            point = inner_point(self.truth == 1, random, centre=random.random() < 0.5)
            click = None if point is None else (0, point)
        if click is not None:
            self.add(*click)
        if random.random() < 0.3:
            for label, point in many_points(self.truth, random):
                self.add(label, point)

    def add(self, label: int, point: tuple[int, int]) -> None:
        """Append one click; full rows forget the oldest."""
        self.points[label, self.count[label] % SLOTS] = point
        self.count[label] += 1

    def answer(
        self, probability: NDArray[np.float32], leave: float, random: np.random.Generator
    ) -> tuple[float, bool]:
        """Take an answer and click into its error: (IoU, whether the sequence goes on).

        It ends at an IoU of 0.97, after 20 answers, or with the chance `leave`.
        """
        self.previous = probability
        self.answers += 1
        guess = probability > 0.49
        inter = ((self.truth == 1) & guess).sum()
        union = (((self.truth == 1) | guess) & (self.truth >= 0)).sum()
        iou = float(inter / max(union, 1))
        if iou > 0.97 or self.answers >= 20 or random.random() < leave:
            return iou, False
        click = next_click(self.truth, guess, random)
        if click is None:
            return iou, False
        self.add(*click)
        return iou, True


def make_batch(
    pool: Pool, chosen: list[Sequence]
) -> tuple[Tensor, list[Tensor], Tensor, Tensor, Tensor, Tensor]:
    """Images, taps, points, previous masks, targets and targets near the outline."""
    index = [sequence.index for sequence in chosen]
    images = torch.from_numpy(np.stack([pool.files["images"][i] for i in index])).permute(0, 3, 1, 2)
    taps = torch.from_numpy(np.stack([pool.files["taps"][i] for i in index]))
    points = torch.from_numpy(np.stack([sequence.points for sequence in chosen]))
    previous, truth, band = (
        torch.from_numpy(np.stack([getattr(sequence, name) for sequence in chosen])[:, None]).float()
        for name in ("previous", "truth", "band")
    )
    return normalise(images.float() / 255), list(taps.unbind(1)), points, previous, truth, band


def make_optimizers(
    net: SkipClick, rate: float, muon: float, block_rate: float
) -> list[torch.optim.Optimizer]:
    """AdamW for everything, or Muon for the matrices of `fuse` and the fusion blocks, AdamW for the rest.

    AdamW's rate is multiplied by `block_rate` for `fuse` and the fusion blocks.
    """
    named = {name: p for name, p in net.named_parameters() if p.requires_grad}
    matrices = [
        p
        for name, p in named.items()
        if muon and p.ndim == 2 and name.startswith(("fuse.", "fusion.blocks."))
    ]
    rest = {name: p for name, p in named.items() if not any(p is matrix for matrix in matrices)}
    blocks = [p for name, p in rest.items() if name.startswith(("fuse.", "fusion."))]
    others = [p for name, p in rest.items() if not name.startswith(("fuse.", "fusion."))]
    groups = [{"params": others, "lr": rate}, {"params": blocks, "lr": rate * block_rate}]
    optimizers: list[torch.optim.Optimizer] = [torch.optim.AdamW(groups, weight_decay=0.02)]
    if matrices:
        optimizers.append(Muon(matrices, lr=muon, weight_decay=0.02))
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["initial"] = group["lr"]
    return optimizers


def train(arguments: argparse.Namespace) -> None:
    arguments.run.mkdir(parents=True, exist_ok=True)
    pools = [
        Pool(Path(folder), int(size), int(count), float(share))
        for folder, size, count, share in arguments.crops
    ]
    torch.manual_seed(arguments.seed)  # PyTorch initialises layers and drops channels by its own generator
    net = SkipClick(DESIGNS[arguments.design]).train()
    if arguments.bf16:
        net.detail.to(memory_format=torch.channels_last)
    trained = [p for p in net.parameters() if p.requires_grad]
    names = [name for name, p in net.named_parameters() if p.requires_grad]
    optimizers = make_optimizers(net, arguments.lr, arguments.muon, arguments.block_rate)
    if arguments.encoder_start:
        some = np.linspace(0, pools[0].ready() - 1, 16).astype(int)
        taps = torch.from_numpy(pools[0].files["taps"][some]).float()
        net.backbone.load_state_dict(load_backbone().state_dict())
        start_fusion(net, list(taps.unbind(1)))
    average = [p.detach().clone() for p in trained]
    seconds, step, seen = 0.0, 0, 0
    last = arguments.run / "last.pt"
    source = last if last.exists() else arguments.init
    if source is not None:
        saved = torch.load(source, weights_only=True)
        net.load_state_dict(saved["raw" if last.exists() else "average"], strict=False)
        average = [saved["average"][name].clone() for name in names]
        if last.exists():
            if len(saved.get("optimizers", ())) != len(optimizers):
                raise SystemExit(
                    f"{last} was begun with other optimisers: give a new folder, and --init {last}"
                )
            for optimizer, state in zip(optimizers, saved["optimizers"], strict=True):
                optimizer.load_state_dict(state)
            seconds, step, seen = saved["seconds"], saved["step"], saved["seen"]
    random = np.random.default_rng([arguments.seed, step])
    log = (arguments.run / "log.jsonl").open("a")
    window: list[list[float]] = []
    flights: list[list[Sequence]] = [[] for _ in pools]
    saved_at = clock = time.monotonic()
    while seconds < 60 * arguments.minutes:
        if step % 50 == 0:
            threads = arguments.run / "threads.txt"
            torch.set_num_threads(int(threads.read_text()) if threads.exists() else 1)
        ready = np.array([pool.ready() for pool in pools])
        shares = np.array([pool.share for pool in pools]) * (ready >= arguments.batch)
        drawn = int(random.choice(len(pools), p=shares / shares.sum()))
        pool, flight = pools[drawn], flights[drawn]
        while len(flight) < arguments.flight:
            flight.append(Sequence(pool, arguments.coarse, random))
        places = random.choice(len(flight), size=arguments.batch, replace=False)
        images, maps, points, previous, truth, band = make_batch(pool, [flight[place] for place in places])
        progress = min(seconds / (60 * arguments.minutes), 1.0)
        warm = min((step + 1) / arguments.warmup, 1.0)
        factor = warm * (0.5 * (1 + math.cos(math.pi * progress)) + 0.002)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["initial"] * factor
        if arguments.bf16:
            with torch.autocast("cpu", torch.bfloat16):
                logits = lean_decode(net, images, [tap.bfloat16() for tap in maps], points, previous)
        else:
            logits = net.decode(net.prepare(images, [tap.float() for tap in maps]), points, previous)
        losses = normalised_focal_loss(logits, truth) + soft_iou_loss(logits, truth)
        losses = losses + arguments.outline * soft_iou_loss(logits, band)
        net.zero_grad()
        losses.mean().backward()
        norm = float(torch.nn.utils.clip_grad_norm_(trained, 2.0))
        for optimizer in optimizers:
            optimizer.step()
        step, seen = step + 1, seen + arguments.batch
        # Until the decay is reached, over the last third of the steps so far.
        decay = min(arguments.ema, (1 + step) / (4 + step))
        with torch.no_grad():
            for mean, value in zip(average, trained, strict=True):
                mean.lerp_(value, 1 - decay)
        answers = torch.sigmoid(logits.detach())[:, 0].numpy()
        for place, answer, loss in zip(places, answers, losses.tolist(), strict=True):
            sequence = flight[place]
            iou, goes_on = sequence.answer(answer, arguments.leave, random)
            window.append([sequence.answers, loss, iou, norm])
            if not goes_on:
                flight[place] = Sequence(pool, arguments.coarse, random)
        now = time.monotonic()
        # A process that was stopped for a while goes on with the schedule where it was.
        seconds, clock = seconds + min(now - clock, 30), now
        if len(window) >= 1600:
            rows = np.array(window)
            ious = {int(t): round(float(rows[rows[:, 0] == t, 2].mean()), 4) for t in np.unique(rows[:, 0])}
            entry = {
                "minutes": round(seconds / 60, 2),
                "step": step,
                "seen": seen,
                "crops": ready.tolist(),
                "lr": arguments.lr * factor,
                "loss": round(float(rows[:, 1].mean()), 4),
                "norm": round(float(rows[:, 3].mean()), 3),
                "iou": ious,
            }
            log.write(json.dumps(entry) + "\n")
            log.flush()
            print(entry, flush=True)
            window = []
        if now - saved_at > 120 or seconds >= 60 * arguments.minutes:
            saved_at = now
            state = {name: p for name, p in net.state_dict().items() if not name.startswith("backbone.")}
            content = {
                "raw": state,
                "average": dict(zip(names, average, strict=True)),
                "optimizers": [optimizer.state_dict() for optimizer in optimizers],
                "seconds": seconds,
                "step": step,
                "seen": seen,
            }
            torch.save(content, last.with_suffix(".part"))
            last.with_suffix(".part").replace(last)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument(
        "--crops", nargs=4, action="append", required=True, metavar=("FOLDER", "SIZE", "COUNT", "SHARE")
    )
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--lr", type=float, default=8e-4)
    parser.add_argument("--muon", type=float, default=0, help="learning rate of Muon; 0: AdamW alone")
    parser.add_argument(
        "--block-rate", type=float, default=1, help="factor of AdamW's rate for the fusion blocks"
    )
    parser.add_argument("--design", choices=sorted(DESIGNS), default="skipclick-s")
    parser.add_argument(
        "--encoder-start", action="store_true", help="fusion blocks begin as the encoder's own (wide designs)"
    )
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--flight", type=int, default=48, help="sequences under way for each folder")
    parser.add_argument("--coarse", type=float, default=1, help="chance to take a crop of coarse outlines")
    parser.add_argument("--outline", type=float, default=0, help="weight of the IoU loss near the outline")
    parser.add_argument("--leave", type=float, default=0.12, help="chance to end a sequence at each answer")
    parser.add_argument("--bf16", action="store_true", help="for CPUs with instructions for bfloat16")
    parser.add_argument("--warmup", type=int, default=200, help="steps of rising learning rate")
    parser.add_argument("--ema", type=float, default=0.999, help="decay of the averaged weights")
    parser.add_argument("--init", type=Path, help="last.pt of another run to start from")
    parser.add_argument("--seed", type=int, default=1)
    cv2.setNumThreads(1)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
