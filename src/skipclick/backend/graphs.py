"""What the back ends of exported models share: everything but the runtime."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skipclick.backend.arrays import (
    check_count,
    check_images,
    check_owner,
    draw_clicks,
    pack_clicks,
    pack_previous,
)
from skipclick.backend.exported import GraphInfo
from skipclick.backend.protocol import Features
from skipclick.errors import ModelError
from skipclick.prompt import Prompt

Arrays: TypeAlias = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class ArrayFeatures:
    """Encoded images as arrays.

    Attributes:
        arrays: by name, (B, ...) float32 each.
        size: height and width of the encoded images, in network pixels.
        owner: the back end that made them.
    """

    arrays: Mapping[str, NDArray[np.float32]]
    size: tuple[int, int]
    owner: GraphBackend

    @property
    def batch(self) -> int:
        """Number of images encoded."""
        return len(next(iter(self.arrays.values())))

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return sum(array.nbytes for array in self.arrays.values())


class GraphBackend(ABC):
    """An exported model. Its graphs take one image and one prompt at a time.

    Args:
        info: what the graphs tell about themselves.
        device: where they run.
        radius: of a click's disk in pixels, for a click graph that takes clicks drawn; None for one that
            takes their coordinates.
    """

    def __init__(self, info: GraphInfo, device: str, *, radius: float | None = None) -> None:
        self._info = info
        self._radius = radius
        self._device = device
        # One run at a time uses all threads; several at once would only get in each other's way.
        self._turn = threading.Lock()

    @property
    def name(self) -> str:
        """What the model is called."""
        return self._info.name

    @property
    def fingerprint(self) -> str:
        """A short hash of the weights that were exported."""
        return self._info.fingerprint

    @property
    def stride(self) -> int:
        """Patch size."""
        return self._info.stride

    @property
    def precision(self) -> str:
        """Of the arithmetic: "float32", "bf16" or "int8"."""
        return self._info.precision

    @property
    def device(self) -> str:
        """Where it runs."""
        return self._device

    def encode(self, images: NDArray[np.float32]) -> Features:
        """See `Backend.encode`."""
        check_images(images, self.stride)
        with self._turn:
            each = [self._run_encode(np.ascontiguousarray(image[None])) for image in images]
        arrays = {
            name: parts[0] if len(parts) == 1 else np.concatenate(parts)
            for name, *parts in zip(self._info.features, *each, strict=True)
        }
        return ArrayFeatures(arrays, (images.shape[2], images.shape[3]), self)

    def decode(self, features: Features, prompts: Sequence[Prompt]) -> NDArray[np.float32]:
        """See `Backend.decode`."""
        arrays = self._arrays(features)
        check_count(features.batch, prompts)
        points, previous = pack_clicks(prompts), pack_previous(prompts, features.size)
        logits = np.empty((len(prompts), *features.size), np.float32)
        with self._turn:
            for index in range(len(prompts)):
                item = 0 if features.batch == 1 else index
                inputs: dict[str, NDArray[Any]] = {
                    name: array[item : item + 1] for name, array in arrays.items()
                }
                if self._radius is None:
                    inputs["points"] = points[index : index + 1]
                else:
                    inputs["disks"] = draw_clicks(points[index : index + 1], features.size, self._radius)
                inputs["previous"] = previous[index : index + 1]
                logits[index] = self._run_click(inputs)[0, 0]
        return logits

    def features_to_arrays(self, features: Features) -> dict[str, NDArray[np.float32]]:
        """See `StoringBackend.features_to_arrays`."""
        return dict(self._arrays(features))

    def features_from_arrays(
        self, arrays: Mapping[str, NDArray[np.float32]], size: tuple[int, int]
    ) -> Features:
        """See `StoringBackend.features_from_arrays`."""
        if set(arrays) != set(self._info.features):
            raise ModelError("these stored features are of another model; encode the image again")
        return ArrayFeatures({name: arrays[name] for name in self._info.features}, size, self)

    def _arrays(self, features: Features) -> Mapping[str, NDArray[np.float32]]:
        """The arrays of features of this model.

        Raises:
            ModelError: they come from elsewhere.
        """
        if not isinstance(features, ArrayFeatures) or tuple(features.arrays) != self._info.features:
            raise ModelError("these features come from another back end; encode the image with this model")
        check_owner(features.owner, self)
        return features.arrays

    @abstractmethod
    def _run_encode(self, image: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """The features of one image (1, 3, h, w), in the order of `GraphInfo.features`."""

    @abstractmethod
    def _run_click(self, inputs: Arrays) -> NDArray[np.float32]:
        """The logits (1, 1, h, w) of one prompt."""
