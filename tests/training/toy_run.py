"""A run small enough for tests: coloured rectangles, a network a few channels wide, crops of 56 pixels.

    python toy_run.py FOLDER [STEPS_OF_AN_EPOCH]

Also started by torchrun. The tests import it as the fixture `toy`.
"""

from __future__ import annotations

import pickle
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from skipclick.model.config import BackboneConfig, ModelConfig
from skipclick.model.skipclick import SkipClick
from skipclick.training.augment import Augmentation
from skipclick.training.engine import train
from skipclick.training.recipes import RECIPES, Recipe
from skipclick.training.run_folder import RunFolder
from skipclick.training.sample import LabelledObject, SamplingRules, TrainingSample
from skipclick.training.sources import Mix
from skipclick.training.start import draw_network
from skipclick.training.stepper import Options
from skipclick.training.views import RandomViews
from skipclick.training.world import open_world

ENCODER = BackboneConfig("dinov2", 14, 64, 4, 1, 64, grid=4)
CONFIG = ModelConfig(
    ENCODER, (0, 1, 2, 3), width=64, depth=1, heads=2, hidden=64, grid=4, pyramid=(8, 8, 16, 16), head=16
)
OPTIONS = Options(workers=0, save_seconds=1e9, log_steps=2, picture_steps=4)
SAVING = replace(OPTIONS, save_seconds=0)


def config(**changes: object) -> ModelConfig:
    return replace(CONFIG, **changes)  # type: ignore[arg-type]


def network(changed: ModelConfig = CONFIG, seed: int = 0) -> SkipClick:
    """An encoder of random weights, too; features are then no help, but the same every time."""
    made = draw_network(changed, seed)
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed)
        for name, parameter in made.backbone.named_parameters():
            if name.endswith("gamma") or "token" in name or "pos" in name:
                parameter.normal_(std=0.5)
    return made


def recipe(**changes: object) -> Recipe:
    """The paper's recipe on 3 epochs of 5 small steps."""
    small = replace(
        RECIPES["skip"],
        epochs=3,
        samples=21,
        batch=4,
        rate=1e-3,
        milestones=(2, 3),
        augmentation=Augmentation(size=(56, 56)),
        sampling=SamplingRules(min_area=20),
        keep=(0,),
    )
    return replace(small, **changes)  # type: ignore[arg-type]


def picture(seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """An image (80, 96, 3) with two rectangles, and its labels (80, 96)."""
    generator = np.random.default_rng(seed)
    labels = np.zeros((80, 96), np.uint8)
    for value, (top, left) in enumerate(generator.integers((2, 2), (40, 50), (2, 2)), start=1):
        labels[top : top + 30, left : left + 36] = value
    colours = generator.integers(0, 256, (3, 3), np.uint8)
    return colours[labels], labels


class Rectangles:
    """A source of pictures."""

    def __len__(self) -> int:
        return len(self.names)

    @property
    def names(self) -> list[str]:
        return ["one", "two", "three", "four"]

    def read(self, index: int, generator: np.random.Generator) -> TrainingSample:
        image, labels = picture(index)
        objects = {value: LabelledObject(0, value) for value in (1, 2)}
        return TrainingSample(image, labels[..., None], objects)


def mix() -> Mix:
    return Mix((Rectangles(),), (1.0,))


def views(of: Recipe | None = None) -> RandomViews:
    return RandomViews(mix(), of or recipe())


def write_label_folder(root: Path, count: int = 6, scale: int = 1) -> Path:
    """`images/` and `masks/`."""
    for name in ("images", "masks"):
        (root / name).mkdir(parents=True)
    for index in range(count):
        image, labels = (np.repeat(np.repeat(x, scale, 0), scale, 1) for x in picture(index))
        cv2.imwrite(str(root / "images" / f"photo{index}.png"), image[..., ::-1])
        cv2.imwrite(str(root / "masks" / f"photo{index}.png"), labels)
    return root


def write_coco_lvis(root: Path, count: int = 4, scale: int = 1) -> Path:
    """COCO+LVIS in the published layout: rectangle 1 is an instance, 2 a part of it, and a stuff region."""
    folder = root / "train"
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    annotations = {}
    for index in range(count):
        image, labels = (np.repeat(np.repeat(x, scale, 0), scale, 1) for x in picture(index))
        name = f"{index:012d}"
        cv2.imwrite(str(folder / "images" / f"{name}.jpg"), image[..., ::-1])
        stuff = np.zeros_like(labels)
        stuff[-10 * scale :] = 1
        pictures = [cv2.imencode(".png", layer)[1] for layer in (labels, stuff)]
        content = pictures, [(0, 1), (0, 2), (1, 1)]
        (folder / "masks" / f"{name}.pickle").write_bytes(pickle.dumps(content))
        parent = {"children": [1], "parent": None, "node_level": 0}
        hierarchy = {0: parent, 1: {"children": [], "parent": 0, "node_level": 1}}
        annotations[name] = {"num_instance_masks": 2, "hierarchy": hierarchy}
    (folder / "hannotation.pickle").write_bytes(pickle.dumps(annotations))
    return root


def main() -> None:
    torch.set_num_threads(1)
    # Adam divides by the root of a gradient's square: with the published eps, gradients that are zero but for
    # rounding (those of the keys' biases) would move weights by whole steps.
    chosen = recipe(eps=1e-4)
    with open_world("cpu") as world:
        folder = RunFolder(Path(sys.argv[1]))
        train(network(), chosen, views(chosen), folder, about_data="toy", world=world, options=SAVING)


if __name__ == "__main__":
    main()
