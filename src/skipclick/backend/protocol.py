"""The seam of the house: a model seen from outside is `encode` and `decode` in numpy arrays.

Sessions, the predictor, evaluation and every app know a model only through these two protocols, so a
back end without PyTorch serves them just as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from skipclick.prompt import Prompt


class Features(Protocol):
    """What `encode` keeps of a batch of images; opaque to everyone but the back end that made it."""

    @property
    def batch(self) -> int:
        """Number of images encoded."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the encoded images, in network pixels."""

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""


class Backend(Protocol):
    """A loaded model."""

    @property
    def name(self) -> str:
        """What the model is called, for tables and messages."""

    @property
    def fingerprint(self) -> str:
        """A short hash of the weights: equal for equal weights, whatever the model is called."""

    @property
    def stride(self) -> int:
        """Patch size: the height and width given to `encode` must be multiples of it."""

    @property
    def device(self) -> str:
        """Where it runs: "cpu", "cuda:0", "mps"."""

    def encode(self, images: NDArray[np.float32]) -> Features:
        """Compute everything that depends on the images alone.

        Args:
            images: (B, 3, h, w) float32 RGB in [0, 1]; h and w multiples of `stride`.

        Raises:
            ModelError: wrong shape, dtype or size.
        """

    def decode(self, features: Features, prompts: Sequence[Prompt]) -> NDArray[np.float32]:
        """Answer one prompt per encoded image, or many prompts on one image.

        Never changes `features`; the same arguments give the same logits.

        Args:
            features: what `encode` returned, of batch B.
            prompts: B prompts, or any number of them if B is 1.

        Returns:
            Logits, (len(prompts), h, w) float32; the probability is their sigmoid.

        Raises:
            ModelError: the features come from another back end, or the number of prompts does not fit.
        """


class StoringBackend(Backend, Protocol):
    """A back end whose features can be taken apart, to be kept outside the process."""

    def features_to_arrays(self, features: Features) -> dict[str, NDArray[np.float32]]:
        """Features as named arrays, (B, ...) each.

        Raises:
            ModelError: the features come from another back end.
        """

    def features_from_arrays(
        self, arrays: Mapping[str, NDArray[np.float32]], size: tuple[int, int]
    ) -> Features:
        """The features that `features_to_arrays` took apart.

        Args:
            arrays: what it returned.
            size: height and width of the encoded images, in network pixels.

        Raises:
            ModelError: arrays of another model.
        """


def precision_of(model: Backend) -> str:
    """Of a model's arithmetic: float32 where it does not tell."""
    return str(getattr(model, "precision", "float32"))
