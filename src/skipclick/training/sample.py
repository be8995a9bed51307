"""From an annotated image to what the network is trained on (specification 6.3, 6.4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from skipclick.training.augment import TRAINING, Augmentation, augment
from skipclick.training.points import PUBLISHED_POINTS, PointRules, first_answer, initial_points
from skipclick.training.start_mask import PUBLISHED_START_MASKS, StartMaskRules, damage


@dataclass(frozen=True, slots=True)
class LabelledObject:
    """An object: the pixels of one label.

    Attributes:
        layer: index of the label layer.
        value: the label in this layer, 1 to 255.
        parent: id of the object that this one is a part of; None for a root.
    """

    layer: int
    value: int
    parent: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSample:
    """An image with its objects, which may lie inside one another.

    Attributes:
        image: (H, W, 3) uint8 RGB.
        layers: (H, W, L) uint8 labels, 0 is background. Labels of no object may occur.
        objects: by id.
        ignored: layer and value of pixels that count neither way, such as COCO's crowds; None for none.

    Raises:
        ValueError: a parent is no object, or its own ancestor.
    """

    image: NDArray[np.uint8]
    layers: NDArray[np.uint8]
    objects: Mapping[int, LabelledObject]
    ignored: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        for id_, one in self.objects.items():
            passed = {id_}
            parent = one.parent
            while parent is not None:
                if parent not in self.objects:
                    raise ValueError(f"the parent {parent} is no object")
                if parent in passed:
                    raise ValueError(f"object {id_} lies inside itself")
                passed.add(parent)
                parent = self.objects[parent].parent

    @property
    def roots(self) -> tuple[int, ...]:
        """Ids of the objects that are no parts of others, in the order of `objects`."""
        return tuple(id_ for id_, one in self.objects.items() if one.parent is None)

    def mask(self, id_: int) -> NDArray[np.bool_]:
        """The pixels of an object, (H, W) bool; those of its parts only if they carry its label."""
        one = self.objects[id_]
        return self.layers[:, :, one.layer] == one.value

    def areas(self) -> dict[int, int]:
        """Number of pixels of every object, by id."""
        used = {one.layer for one in self.objects.values()}
        counts = {layer: np.bincount(self.layers[:, :, layer].ravel(), minlength=256) for layer in used}
        return {id_: int(counts[one.layer][one.value]) for id_, one in self.objects.items()}

    def without(self, removed: Collection[int]) -> TrainingSample:
        """Take objects out; their parts become parts of their parents. Their labels stay in `layers`."""
        kept = {}
        for id_, one in self.objects.items():
            if id_ in removed:
                continue
            parent = one.parent
            while parent is not None and parent in removed:
                parent = self.objects[parent].parent
            kept[id_] = replace(one, parent=parent)
        return replace(self, objects=kept)

    def without_small(self, least: int) -> TrainingSample:
        """Take out the objects that have fewer pixels than `least`."""
        return self.without({id_ for id_, area in self.areas().items() if area < least})


@dataclass(frozen=True, slots=True)
class SamplingRules:
    """How items are made from samples; the published values.

    Attributes:
        keep_empty: probability of keeping an item in which no object is left, instead of augmenting anew.
        min_area: an object needs this many pixels after augmentation.
        merge: probability that two objects together are the target, where there are two.

    Raises:
        ValueError: `keep_empty` is not above 0: an image without objects would be augmented forever.
    """

    keep_empty: float = 0.05
    min_area: int = 1000
    merge: float = 0.15

    def __post_init__(self) -> None:
        if not self.keep_empty > 0:
            raise ValueError(f"keep_empty is a probability above 0, not {self.keep_empty}")


PUBLISHED_SAMPLING = SamplingRules()


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """What is to be segmented.

    Attributes:
        mask: (H, W) bool; all False for an empty item.
        parts: the chosen objects, each (H, W) bool; none for an empty item.
        others: (H, W) bool, the pixels with a label outside the target, also those of removed objects; all
            that is outside the target if no object but the chosen ones is left.
        strangers: the roots that were not chosen, each (H, W) bool.
        ignored: (H, W) bool, pixels outside the target that count neither way; None for none.
    """

    mask: NDArray[np.bool_]
    parts: tuple[NDArray[np.bool_], ...]
    others: NDArray[np.bool_]
    strangers: tuple[NDArray[np.bool_], ...] = ()
    ignored: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TrainingItem:
    """What the network and its loss get.

    Attributes:
        image: (3, h, w) float32 in [0, 1].
        points: (48, 3) float32, see `points`.
        truth: (1, h, w) float32, 1 object, 0 background and -1 ignored, as `loss` takes it.
        start: (1, h, w) float32 in [0, 1], the previous mask to begin with; 0 without a starting mask.
    """

    image: NDArray[np.float32]
    points: NDArray[np.float32]
    truth: NDArray[np.float32]
    start: NDArray[np.float32]


def augment_sample(
    sample: TrainingSample,
    generator: np.random.Generator,
    augmentation: Augmentation = TRAINING,
    rules: SamplingRules = PUBLISHED_SAMPLING,
) -> TrainingSample:
    """Vary a sample until an object is left, and take out the small ones (specification 6.3, 2 and 3).

    Small objects go last and without another try, so that more items are empty than `rules.keep_empty`
    suggests (specification, trap 29).

    Args:
        sample: not changed.
        generator: where the randomness comes from.
        augmentation: what to vary.
        rules: when to try again, and what is small.
    """
    while True:
        image, layers = augment(sample.image, sample.layers, augmentation, generator)
        varied = replace(sample, image=image, layers=layers).without_small(1)
        if varied.objects or generator.random() < rules.keep_empty:
            return varied.without_small(rules.min_area)


def choose_target(sample: TrainingSample, generator: np.random.Generator, merge: float) -> Target:
    """Choose one root, or two together (specification 6.4); parts of objects are never chosen.

    Args:
        sample: without objects, the target is empty.
        generator: where the randomness comes from.
        merge: probability of two, where there are two.
    """
    roots = sample.roots
    count = min(1, len(roots))
    if len(roots) > 1 and generator.random() < merge:
        count = 2
    chosen = generator.choice(len(roots), size=count, replace=False) if roots else ()
    parts = tuple(sample.mask(roots[index]) for index in chosen)
    mask = np.zeros(sample.layers.shape[:2], np.bool_)
    for part in parts:
        mask |= part
    others = ~mask
    if len(sample.objects) > count:
        others &= (sample.layers != 0).any(axis=2)
    strangers = tuple(sample.mask(root) for index, root in enumerate(roots) if index not in chosen)
    ignored = None
    if sample.ignored is not None:
        layer, value = sample.ignored
        ignored = (sample.layers[:, :, layer] == value) & ~mask
    return Target(mask, parts, others, strangers, ignored)


def draw_item(
    sample: TrainingSample,
    generator: np.random.Generator,
    augmentation: Augmentation = TRAINING,
    rules: SamplingRules = PUBLISHED_SAMPLING,
    point_rules: PointRules = PUBLISHED_POINTS,
    start_rules: StartMaskRules = PUBLISHED_START_MASKS,
) -> TrainingItem:
    """Vary a sample, choose a target and draw its initial points (specification 6.3).

    Args:
        sample: not changed.
        generator: where the randomness comes from.
        augmentation: what to vary; its size becomes that of the item.
        rules: how objects are chosen.
        point_rules: how points are drawn.
        start_rules: how starting masks are made.
    """
    varied = augment_sample(sample, generator, augmentation, rules)
    return make_item(varied, generator, rules, point_rules, start_rules)


def make_item(
    sample: TrainingSample,
    generator: np.random.Generator,
    rules: SamplingRules = PUBLISHED_SAMPLING,
    point_rules: PointRules = PUBLISHED_POINTS,
    start_rules: StartMaskRules = PUBLISHED_START_MASKS,
) -> TrainingItem:
    """Choose a target in a sample as it is and draw its initial points; arguments as for `draw_item`."""
    target = choose_target(sample, generator, rules.merge)
    mask, ignored = target.mask, target.ignored
    points = initial_points(mask, target.parts, target.others, generator, point_rules, ignored)
    start = np.zeros(mask.shape, np.float32)
    if start_rules.share and generator.random() < start_rules.share:
        start = damage(mask, target.strangers, generator, start_rules).astype(np.float32)
        if generator.random() < start_rules.answered:
            points = first_answer(mask, start, generator, ignored)
    image = np.ascontiguousarray(sample.image.transpose(2, 0, 1)).astype(np.float32) / np.float32(255)
    truth = mask.astype(np.float32)
    if ignored is not None:
        truth[ignored] = -1
    return TrainingItem(image, points, truth[None], start[None])
