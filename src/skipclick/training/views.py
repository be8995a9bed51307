"""How items are made of samples: random views of images, or a fixed set of whole ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from skipclick.resize import resize_aligned
from skipclick.training.recipes import Recipe
from skipclick.training.sample import TrainingItem, TrainingSample, draw_item, make_item
from skipclick.training.sources import Mix


class Views(Protocol):
    """Makes the items of a run."""

    @property
    def count(self) -> int | None:
        """How many views there are, if their number is fixed."""

    def draw(self, generator: np.random.Generator) -> tuple[TrainingItem, int]:
        """A random item, and the number of its view, from 0; -1 for views that don't come again."""


@dataclass(frozen=True, slots=True)
class RandomViews:
    """Every view is augmented anew (specification 6.2, 6.3)."""

    mix: Mix
    recipe: Recipe

    @property
    def count(self) -> int | None:
        """Nobody counts them."""
        return None

    def draw(self, generator: np.random.Generator) -> tuple[TrainingItem, int]:
        """See `Views.draw`."""
        recipe, sample = self.recipe, self.mix.draw(generator)
        rules = recipe.sampling, recipe.points, recipe.start_masks
        return draw_item(sample, generator, recipe.augmentation, *rules), -1


@dataclass(frozen=True, slots=True)
class WholeViews:
    """Each image whole and squeezed, as evaluation shows it, and its mirror image.

    Attributes:
        samples: what `squeeze` made of the images; each has an object at least.
        chances: how often each is drawn, compared with the others.
        recipe: how items are made of them.
    """

    samples: Sequence[TrainingSample]
    chances: Sequence[float]
    recipe: Recipe

    @property
    def count(self) -> int | None:
        """Two of each image."""
        return 2 * len(self.samples)

    def draw(self, generator: np.random.Generator) -> tuple[TrainingItem, int]:
        """See `Views.draw`."""
        chances = np.asarray(self.chances)
        index = int(generator.choice(len(chances), p=chances / chances.sum()))
        mirrored = int(generator.integers(2))
        sample = self.samples[index]
        if mirrored:
            sample = replace(sample, image=sample.image[:, ::-1], layers=sample.layers[:, ::-1])
        recipe = self.recipe
        item = make_item(sample, generator, recipe.sampling, recipe.points, recipe.start_masks)
        return item, 2 * index + mirrored


def squeeze(sample: TrainingSample, size: tuple[int, int], min_area: int) -> TrainingSample:
    """Bring a sample to the network's size as evaluation does; the image is rounded to whole grey levels.

    Args:
        sample: not changed.
        size: (h, w) in pixels.
        min_area: objects with fewer pixels afterwards are taken out.
    """
    image = resize_aligned(sample.image.transpose(2, 0, 1), size).transpose(1, 2, 0)
    rows, columns = (_nearest(n, to) for n, to in zip(sample.layers.shape[:2], size, strict=True))
    layers = sample.layers.take(rows, axis=0).take(columns, axis=1)
    squeezed = replace(sample, image=np.rint(image).astype(np.uint8), layers=layers)
    return squeezed.without_small(min_area)


def _nearest(n_in: int, n_out: int) -> NDArray[np.intp]:
    """For each output index, the input nearest to where aligned corners put it."""
    return np.rint(np.arange(n_out) * ((n_in - 1) / max(n_out - 1, 1))).astype(np.intp)
