"""Cut training crops out of `train_mix` and keep the frozen backbone's features of each, in float16.

    python tools/embedded/make_crops.py TRAIN_MIX OUT --size 224 --count 8000 --seed 1

A crop is one image view after all augmentation, with the label map of its objects. Files grow while the
program runs and the count of finished crops is in `done.txt`, so that training can begin early; started
again, it goes on where it was.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

from skipclick.model.config import MODELS
from skipclick.model.dinov2 import DinoV2
from skipclick.model.skipclick import normalise

CONFIG = MODELS["skipclick-s"]
BACKBONE = Path(__file__).parents[2] / "src/skipclick/weights/embedded/dinov2_vits14.safetensors"
COARSE = ("coco_", "person1k", "balloon", "camvid", "pug", "kangaroo", "feet", "luke", "foodcal")
"""Sources whose outlines are polygons of few points: their border pixels are ignored in the loss."""

Array = NDArray[np.uint8]


@dataclass(frozen=True)
class Photo:
    """One image of the mix: RGB, label map (0 background), whether its outlines are coarse."""

    image: Array
    labels: Array
    coarse: bool


class Mix:
    """The training images; sources are drawn by the square root of their size."""

    def __init__(self, root: Path, split: str, *, fine: bool = False) -> None:
        self.root = root
        rows = [json.loads(line) for line in (root / "index.jsonl").read_text().splitlines()]
        self.rows = [row for row in rows if row["split"] == split and row["objects"]]
        if fine:
            self.rows = [row for row in self.rows if not row["source"].startswith(COARSE)]
        sizes: dict[str, int] = {}
        for row in self.rows:
            sizes[row["source"]] = sizes.get(row["source"], 0) + 1
        weights = np.array([sizes[row["source"]] ** -0.5 for row in self.rows])
        self.weights = weights / weights.sum()
        self.kept: dict[int, Photo] = {}

    def draw(self, random: np.random.Generator) -> Photo:
        """A random image."""
        index = int(random.choice(len(self.rows), p=self.weights))
        if index not in self.kept:
            row = self.rows[index]
            image = cv2.cvtColor(
                cv2.imread(str(self.root / "images" / f"{row['name']}.jpg")), cv2.COLOR_BGR2RGB
            )
            labels = cv2.imread(str(self.root / "masks" / f"{row['name']}.png"), cv2.IMREAD_GRAYSCALE)
            self.kept[index] = Photo(image, labels, row["source"].startswith(COARSE))
        return self.kept[index]


def window(labels: Array, whole: float, random: np.random.Generator) -> tuple[int, int, int, int]:
    """A view: nearly the whole image, or a window around one object (x0, y0, x1, y1)."""
    height, width = labels.shape
    ids = [int(value) for value in np.unique(labels) if value]
    if random.random() < whole or not ids:
        keep = random.uniform(0.75, 1.0, size=2)
        w, h = int(width * keep[0]), int(height * keep[1])
        x0, y0 = int(random.integers(0, width - w + 1)), int(random.integers(0, height - h + 1))
        return x0, y0, x0 + w, y0 + h
    rows, columns = np.nonzero(labels == random.choice(ids))
    span = max(int(np.ptp(rows)), int(np.ptp(columns)), 24)
    side = span * float(np.exp(random.uniform(np.log(1.05), np.log(4.0))))
    aspect = float(np.exp(random.uniform(-0.25, 0.25)))
    w, h = int(np.clip(side * aspect, 48, width)), int(np.clip(side / aspect, 48, height))
    # The object's box stays inside as far as it can.
    slack_x, slack_y = max(w - int(np.ptp(columns)), 0), max(h - int(np.ptp(rows)), 0)
    x0 = int(np.clip(columns.min() - random.uniform(0, 1) * slack_x, 0, width - w))
    y0 = int(np.clip(rows.min() - random.uniform(0, 1) * slack_y, 0, height - h))
    return x0, y0, x0 + w, y0 + h


def cut(photo: Photo, size: int, whole: float, random: np.random.Generator) -> tuple[Array, Array]:
    """A view resized to size × size, mirrored half of the time."""
    x0, y0, x1, y1 = window(photo.labels, whole, random)
    image, labels = photo.image[y0:y1, x0:x1], photo.labels[y0:y1, x0:x1]
    smaller = image.shape[0] > size or image.shape[1] > size
    image = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    labels = cv2.resize(labels, (size, size), interpolation=cv2.INTER_NEAREST_EXACT)
    if random.random() < 0.5:
        image, labels = image[:, ::-1], labels[:, ::-1]
    return np.ascontiguousarray(image), np.ascontiguousarray(labels)


def paste(image: Array, labels: Array, other: Photo, random: np.random.Generator) -> None:
    """Put one object of another photo, rescaled and feathered, on the crop (in place)."""
    ids = [int(value) for value in np.unique(other.labels) if value]
    if not ids or labels.max() > 250:
        return
    alone = (other.labels == random.choice(ids)).astype(np.uint8)
    x, y, w, h = cv2.boundingRect(alone)
    size = image.shape[0]
    scale = size * random.uniform(0.15, 0.7) / max(w, h)
    target = max(int(w * scale), 8), max(int(h * scale), 8)
    cutout = cv2.resize(other.image[y : y + h, x : x + w], target, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(alone[y : y + h, x : x + w] * 255, target, interpolation=cv2.INTER_AREA)
    if random.random() < 0.5:
        cutout, mask = cutout[:, ::-1], mask[:, ::-1]
    left = int(random.integers(-target[0] // 3, max(size - 2 * target[0] // 3, 1)))
    top = int(random.integers(-target[1] // 3, max(size - 2 * target[1] // 3, 1)))
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + target[0], size), min(top + target[1], size)
    if x1 - x0 < 6 or y1 - y0 < 6:
        return
    part = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
    alpha = (mask[part] / 255.0)[:, :, None]
    view = image[y0:y1, x0:x1]
    view[:] = (alpha * cutout[part] + (1 - alpha) * view).astype(np.uint8)
    labels[y0:y1, x0:x1][mask[part] > 127] = int(labels.max()) + 1


def recolour(image: Array, random: np.random.Generator) -> Array:
    """Exposure, gamma, colour shift; now and then grey, blurred or compressed."""
    x = image.astype(np.float32) / 255
    if random.random() < 0.75:
        x = x ** float(np.exp(random.uniform(-0.4, 0.4)))
        x = (x - 0.5) * random.uniform(0.75, 1.35) + 0.5 + random.uniform(-0.15, 0.15)
        x = x + random.uniform(-0.05, 0.05, size=3)
    if random.random() < 0.08:
        x = np.repeat(x.mean(axis=2, keepdims=True), 3, axis=2)
    result = (np.clip(x, 0, 1) * 255).astype(np.uint8)
    if random.random() < 0.1:
        result = cv2.GaussianBlur(result, (0, 0), random.uniform(0.5, 1.5))
    if random.random() < 0.15:
        quality = int(random.integers(35, 85))
        result = cv2.imdecode(cv2.imencode(".jpg", result, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1)
    return result


def crop(mix: Mix, size: int, whole: float, random: np.random.Generator) -> tuple[Array, Array, bool]:
    """One training crop with at least one object of fair size."""
    while True:
        photo = mix.draw(random)
        image, labels = cut(photo, size, whole, random)
        if random.random() < 0.35:
            for _ in range(int(random.integers(1, 3))):
                paste(image, labels, mix.draw(random), random)
        if np.bincount(labels.ravel(), minlength=2)[1:].max() >= size * size // 150:
            return recolour(image, random), labels, photo.coarse


def load_backbone() -> DinoV2:
    """The embedded backbone in float32."""
    net = DinoV2(CONFIG.backbone)
    state = {name: tensor.float() for name, tensor in load_file(BACKBONE).items()}
    net.load_state_dict(state | {"mask_token": net.mask_token.data})
    return net.eval().requires_grad_(False)


def open_crops(folder: Path, size: int, count: int, mode: str) -> dict[str, np.memmap]:
    """The files of a crop folder as memory maps."""
    tokens = (size // CONFIG.patch) ** 2
    shapes = {
        "images.u8": (np.uint8, (count, size, size, 3)),
        "labels.u8": (np.uint8, (count, size, size)),
        "coarse.u8": (np.uint8, (count,)),
        "taps.f16": (np.float16, (count, len(CONFIG.taps), tokens, CONFIG.backbone.width)),
    }
    return {
        name.split(".")[0]: np.memmap(folder / name, dtype=dtype, mode=mode, shape=shape)  # type: ignore[call-overload]
        for name, (dtype, shape) in shapes.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mix", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--count", type=int, default=8000)
    parser.add_argument("--whole", type=float, default=0.4, help="share of views of nearly the whole image")
    parser.add_argument("--fine", action="store_true", help="without sources of coarse outlines")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--bf16", action="store_true", help="encode in bfloat16, for CPUs with instructions")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    counter = arguments.out / "done.txt"
    done = int(counter.read_text()) if counter.exists() else 0
    exists = (arguments.out / "taps.f16").exists()
    files = open_crops(arguments.out, arguments.size, arguments.count, "r+" if exists else "w+")
    precision = torch.bfloat16 if arguments.bf16 else torch.float32
    mix, backbone = Mix(arguments.mix, "train", fine=arguments.fine), load_backbone().to(precision)
    for start in range(done, arguments.count, arguments.batch):
        random = np.random.default_rng([arguments.seed, arguments.size, start])
        stop = min(start + arguments.batch, arguments.count)
        for index in range(start, stop):
            files["images"][index], files["labels"][index], files["coarse"][index] = crop(
                mix, arguments.size, arguments.whole, random
            )
        batch = torch.from_numpy(files["images"][start:stop]).permute(0, 3, 1, 2).float() / 255
        with torch.inference_mode():
            taps = backbone(normalise(batch).to(precision), CONFIG.taps)
        files["taps"][start:stop] = torch.stack(taps, dim=1).half().numpy()
        counter.write_text(str(stop))
        if start // arguments.batch % 25 == 0:
            print(f"{stop} of {arguments.count}", flush=True)


if __name__ == "__main__":
    main()
