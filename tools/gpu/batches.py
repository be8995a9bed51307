"""Training batches made on the device: views, copy-paste, colours and clicks, all batched.

Images and label maps stay on the device as uint8, padded to one square; a batch is one `grid_sample`.
"""

from __future__ import annotations

import json
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

SIDE = 480
"""Longest side of an image of the mix."""

COARSE = ("coco_", "person1k", "balloon", "camvid", "pug", "kangaroo", "feet", "luke", "foodcal")


@dataclass
class Mix:
    """The training images on the device.

    Attributes:
        images: (N, 3, SIDE, SIDE) uint8, padded at the right and bottom.
        labels: (N, SIDE, SIDE) uint8, 0 background.
        sizes: (N, 2) height and width.
        objects: (M, 7): image, label, x0, y0, width, height, 1 if the outline is coarse.
        chances: (M,) how often an object is drawn: sources by the square root of their size, objects of an
            image share its chance, thin and small ones a little more.
    """

    images: Tensor
    labels: Tensor
    sizes: Tensor
    objects: Tensor
    chances: Tensor


def load_mix(root: Path, device: torch.device, split: str = "train", limit: int | None = None) -> Mix:
    """Read the mix with all processors."""
    rows = [json.loads(line) for line in (root / "index.jsonl").read_text().splitlines()]
    rows = [row for row in rows if row["split"] == split and row["objects"]][:limit]
    images = torch.zeros(len(rows), 3, SIDE, SIDE, dtype=torch.uint8)
    labels = torch.zeros(len(rows), SIDE, SIDE, dtype=torch.uint8)

    def read(index: int) -> None:
        name = rows[index]["name"]
        with Image.open(root / "images" / f"{name}.jpg") as file:
            image = np.array(file.convert("RGB"))
        with Image.open(root / "masks" / f"{name}.png") as file:
            mask = np.array(file)
        height, width = mask.shape
        images[index, :, :height, :width] = torch.from_numpy(image).permute(2, 0, 1)
        labels[index, :height, :width] = torch.from_numpy(mask)

    with ThreadPoolExecutor() as pool:
        list(pool.map(read, range(len(rows))))
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["source"]] = counts.get(row["source"], 0) + 1
    objects, chances = [], []
    for index, row in enumerate(rows):
        coarse = float(row["source"].startswith(COARSE))
        for item in row["objects"]:
            x0, y0, width, height = item["bbox"][0], item["bbox"][1], item["bbox"][2], item["bbox"][3]
            width, height = width - x0, height - y0
            objects.append([index, item["id"], x0, y0, width, height, coarse])
            thin = math.sqrt(width * height / max(item["area"], 1))
            chances.append(counts[row["source"]] ** -0.5 / len(row["objects"]) ** 0.5 * min(thin, 2.5))
    sizes = torch.tensor([[row["height"], row["width"]] for row in rows], dtype=torch.float32)
    return Mix(
        images.to(device),
        labels.to(device),
        sizes.to(device),
        torch.tensor(objects, dtype=torch.float32, device=device),
        torch.tensor(chances, dtype=torch.float32, device=device),
    )


def uniform(count: int, low: float, high: float, device: torch.device) -> Tensor:
    """(count,) uniform numbers."""
    return torch.empty(count, device=device).uniform_(low, high)


def sample_views(mix: Mix, chosen: Tensor, boxes: Tensor, size: int, flips: Tensor) -> tuple[Tensor, Tensor]:
    """Cut boxes (B, 4: x0, y0, width, height) out of the chosen images, resized and mirrored.

    Returns:
        Images (B, 3, size, size) float in [0, 1]; labels (B, size, size) uint8, 0 outside the image.
    """
    line = (torch.arange(size, device=boxes.device) + 0.5) / size
    across = torch.where(flips[:, None], 1 - line, line)
    x = boxes[:, 0, None] + across * boxes[:, 2, None]
    y = boxes[:, 1, None] + line * boxes[:, 3, None]
    grid = torch.stack(
        [
            (2 * x / SIDE - 1)[:, None, :].expand(-1, size, -1),
            (2 * y / SIDE - 1)[:, :, None].expand(-1, -1, size),
        ],
        dim=-1,
    )
    images = F.grid_sample(mix.images[chosen].float() / 255, grid, align_corners=False, padding_mode="border")
    labels = F.grid_sample(mix.labels[chosen].float()[:, None], grid, mode="nearest", align_corners=False)
    return images, labels[:, 0].round().to(torch.uint8)


def draw_boxes(mix: Mix, picked: Tensor) -> Tensor:
    """Views of picked objects: four in ten nearly the whole image, the others a window around the object."""
    count, device = len(picked), picked.device
    height, width = mix.sizes[picked[:, 0].long()].unbind(1)
    span = torch.maximum(picked[:, 4], picked[:, 5]).clamp(min=24)
    side = span * uniform(count, math.log(1.1), math.log(4.5), device).exp()
    aspect = uniform(count, -0.25, 0.25, device).exp()
    whole = uniform(count, 0, 1, device) < 0.4
    w = torch.where(whole, width * uniform(count, 0.8, 1, device), (side * aspect).minimum(width))
    h = torch.where(whole, height * uniform(count, 0.8, 1, device), (side / aspect).minimum(height))
    x0 = picked[:, 2] - uniform(count, 0, 1, device) * (w - picked[:, 4]).clamp(min=0)
    y0 = picked[:, 3] - uniform(count, 0, 1, device) * (h - picked[:, 5]).clamp(min=0)
    x0 = x0.clamp(min=0).minimum(width - w)
    y0 = y0.clamp(min=0).minimum(height - h)
    return torch.stack([x0, y0, w, h], dim=1)


def recolour(images: Tensor) -> Tensor:
    """Gamma, contrast, brightness, colour shift; now and then grey or noisy."""
    count, device = len(images), images.device
    on = (uniform(count, 0, 1, device) < 0.75)[:, None, None, None]

    def per_item(low: float, high: float, channels: int = 1) -> Tensor:
        return uniform(count * channels, low, high, device).view(count, channels, 1, 1)

    x = images.clamp(1e-4, 1) ** per_item(-0.4, 0.4).exp()
    x = (x - 0.5) * per_item(0.75, 1.35) + 0.5 + per_item(-0.15, 0.15) + per_item(-0.05, 0.05, 3)
    x = torch.where(on, x, images)
    grey = (uniform(count, 0, 1, device) < 0.08)[:, None, None, None]
    x = torch.where(grey, x.mean(1, keepdim=True).expand_as(x), x)
    noise = (uniform(count, 0, 1, device) < 0.1)[:, None, None, None] * 0.04
    return (x + noise * torch.randn_like(x)).clamp(0, 1)


def make_batch(mix: Mix, count: int, size: int) -> tuple[Tensor, Tensor]:
    """Images (B, 3, size, size) in [0, 1] and targets (B, 1, size, size): 1, 0, or -1 where ignored."""
    device = mix.images.device
    picked = mix.objects[torch.multinomial(mix.chances, count, replacement=True)]
    flips = uniform(count, 0, 1, device) < 0.5
    images, labels = sample_views(mix, picked[:, 0].long(), draw_boxes(mix, picked), size, flips)
    target = labels == picked[:, 1, None, None].to(torch.uint8)
    # One in ten targets is joined with another object of the view.
    other = torch.gather(labels.flatten(1), 1, torch.randint(size * size, (count, 1), device=device))
    joined = (
        (uniform(count, 0, 1, device) < 0.1)[:, None, None] & (labels == other[:, :, None]) & (labels > 0)
    )
    target = target | joined
    # Copy-paste: in three of ten, an object of another image lies in front, as distractor or as the target.
    front = mix.objects[torch.multinomial(mix.chances, count, replacement=True)]
    scale = uniform(count, math.log(1.5), math.log(6.0), device).exp()
    span = torch.maximum(front[:, 4], front[:, 5])[:, None] * scale[:, None]
    corner = front[:, 2:4] + front[:, 4:6] / 2 - span * torch.rand(count, 2, device=device)
    boxes = torch.cat([corner, span.expand(-1, 2)], dim=1)
    pasted, over = sample_views(mix, front[:, 0].long(), boxes, size, flips.roll(1))
    over = over == front[:, 1, None, None].to(torch.uint8)
    over &= (uniform(count, 0, 1, device) < 0.3)[:, None, None]
    alpha = F.avg_pool2d(over[:, None].float(), 3, 1, 1)
    images = images * (1 - alpha) + pasted * alpha
    as_target = (uniform(count, 0, 1, device) < 0.5)[:, None, None] & (over.flatten(1).sum(1) > 200)[
        :, None, None
    ]
    target = torch.where(as_target, over, target & ~over)
    truth = target[:, None].float()
    border = (F.max_pool2d(truth, 3, 1, 1) + F.max_pool2d(-truth, 3, 1, 1)) > 0
    coarse = picked[:, 6] > 0
    truth[border & coarse[:, None, None, None]] = -1
    return recolour(images), truth


def depth(region: Tensor, rounds: int = 48) -> Tensor:
    """How deep each pixel lies inside its region (B, h, w), in pixels, roughly Euclidean.

    Rounds of erosion by a cross and a square in turn, at half resolution; the border of the image counts.
    """
    small = -F.max_pool2d(-region[:, None].float(), 2)
    total = torch.zeros_like(small)
    for turn in range(rounds):
        total += small
        padded = F.pad(small, (1, 1, 1, 1))
        if turn % 2:
            small = -F.max_pool2d(-padded, 3, 1)
        else:
            rows, columns = -F.max_pool2d(-padded, (3, 1), 1), -F.max_pool2d(-padded, (1, 3), 1)
            small = torch.minimum(rows[:, :, :, 1:-1], columns[:, :, 1:-1])
    whole = 2 * F.interpolate(total, size=region.shape[-2:], mode="nearest")[:, 0]
    return whole + 0.5 * region


def pick(weights: Tensor) -> Tensor:
    """A random pixel of each item by its weight, (B, 2) rows and columns; (-1, -1) where all are zero."""
    count, _height, width = weights.shape
    flat = weights.flatten(1)
    empty = flat.sum(1) <= 0
    index = torch.multinomial(torch.where(empty[:, None], torch.ones_like(flat), flat), 1)[:, 0]
    points = torch.stack([index // width, index % width], dim=1).float()
    return torch.where(empty[:, None], torch.full((count, 2), -1.0, device=flat.device), points)


def inner_points(region: Tensor, eager: Tensor) -> Tensor:
    """A click inside each region: its deepest place where `eager`, else anywhere in its inner half."""
    deep = depth(region)
    most = deep.flatten(1).amax(1)[:, None, None]
    least = torch.where(eager[:, None, None], most * 0.999, most * 0.5)
    return pick(((deep >= least) & (deep > 0)).float())


def first_clicks(truth: Tensor, slots: int) -> Tensor:
    """Where a sample starts: half of them one inner click, half up to 24 of each label (specification 6.5).

    Returns:
        (B, 2, slots, 2) rows and columns, unused slots (-1, -1).
    """
    count, device = len(truth), truth.device
    inside, outside = truth[:, 0] == 1, truth[:, 0] == 0
    points = torch.full((count, 2, slots, 2), -1.0, device=device)
    points[:, 0, 0] = inner_points(inside, uniform(count, 0, 1, device) < 0.5)
    many = uniform(count, 0, 1, device) < 0.5
    reach = 9
    near = (F.max_pool2d(inside[:, None].float(), 2 * reach + 1, 1, reach)[:, 0] > 0) & outside
    chances = 0.8 ** torch.arange(24, device=device)
    for label, regions in ((0, (inside, inside)), (1, (near, outside))):
        number = torch.multinomial(chances.expand(count, -1), 1)[:, 0] * many
        for slot in range(1, int(number.max()) + 1):
            first = (uniform(count, 0, 1, device) < 0.5)[:, None, None]
            spots = pick(torch.where(first, regions[0], regions[1]).float())
            points[:, label, slot - label] = torch.where(
                (slot <= number)[:, None], spots, points[:, label, slot - label]
            )
    return points


def next_clicks(truth: Tensor, probability: Tensor, points: Tensor, turn: int) -> Tensor:
    """Add a click into the deeper kind of error of each item, from its row's end (specification 6.6)."""
    guess = probability[:, 0] > 0.49
    missed, extra = (truth[:, 0] == 1) & ~guess, (truth[:, 0] == 0) & guess
    positive = depth(missed).flatten(1).amax(1) > depth(extra).flatten(1).amax(1)
    region = torch.where(positive[:, None, None], missed, extra)
    spots = inner_points(region, uniform(len(truth), 0, 1, truth.device) < 0.6)
    points = points.clone()
    slot = points.shape[2] - 1 - turn
    for label, mine in ((0, positive), (1, ~positive)):
        points[:, label, slot] = torch.where(mine[:, None], spots, points[:, label, slot])
    return points


def start_masks(truth: Tensor) -> Tensor:
    """Foreign previous masks, (B, 1, h, w): the object shifted, grown, shrunk or coarse."""
    mask = (truth == 1).float()
    size = mask.shape[-1]
    step = [int(x) for x in torch.randint(-size // 12, size // 12 + 1, (2,))]
    cell = int(torch.randint(10, 32, (1,)))
    kernel = 2 * int(torch.randint(1, 6, (1,))) + 1
    coarse = F.interpolate(F.adaptive_avg_pool2d(mask, size // cell), size=(size, size), mode="bilinear")
    kinds = torch.stack(
        [
            mask.roll(step, dims=(2, 3)),
            F.max_pool2d(mask, kernel, 1, kernel // 2),
            -F.max_pool2d(-mask, kernel, 1, kernel // 2),
            (coarse > 0.5).float(),
        ]
    )
    choice = torch.randint(4, (len(mask),), device=mask.device)
    return kinds[choice, torch.arange(len(mask), device=mask.device)]
