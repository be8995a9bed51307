"""The calls of Segment Anything's predictor over a session, so that existing code changes one import."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skipclick.backend.protocol import Backend
from skipclick.encoded import EncodedImage, decode_clicks, encode_image
from skipclick.errors import PromptError
from skipclick.image import ImageSource, NetworkSize, load_image
from skipclick.mask import sigmoid
from skipclick.prompt import Click
from skipclick.resize import resize_aligned, resize_through
from skipclick.session import Session

_BOX_PROBABILITY = 0.5
"""Inside a box a pixel may as well be object as not; outside it is not."""


class SkipClickPredictor:
    """`set_image` once, then `predict` as often as you like.

    Args:
        model: a loaded model.
        size: at which size the network sees images, see `network_size`.
        mirror: average with the mirrored image, see `encode_image`.
    """

    def __init__(self, model: Backend, *, size: NetworkSize = 448, mirror: bool = False) -> None:
        self.model = model
        self._size = size
        self._mirror = mirror
        self._encoded: EncodedImage | None = None
        self._session: Session | None = None
        self._box: tuple[float, ...] | None = None

    @property
    def device(self) -> str:
        """Where the model runs, such as "cpu"."""
        return self.model.device

    @property
    def is_image_set(self) -> bool:
        """Whether `predict` can be called."""
        return self._encoded is not None

    def set_image(self, image: ImageSource, image_format: str = "RGB") -> None:
        """Encode the image that the next predictions are about; if it fails, no image is set.

        Args:
            image: (H, W, 3) uint8, or anything else that `load_image` reads.
            image_format: "RGB" or "BGR", the order of the channels in an array.

        Raises:
            ImageError, ModelError: as `encode_image`.
        """
        self.reset_image()
        array = load_image(image, image_format=image_format)
        self._encoded = encode_image(self.model, array, size=self._size, mirror=self._mirror)

    def reset_image(self) -> None:
        """Forget the image."""
        self._encoded = self._session = self._box = None

    def predict(
        self,
        point_coords: ArrayLike | None = None,
        point_labels: ArrayLike | None = None,
        box: ArrayLike | None = None,
        mask_input: NDArray[Any] | None = None,
        multimask_output: bool = False,
        return_logits: bool = False,
    ) -> tuple[NDArray[np.bool_] | NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """One mask for points, a box, an earlier answer, or several of these.

        Points are made one after another, as a user would click them, each seeing the answer to those
        before. Points that the preceding call began with, under the same box, are not computed again.

        With `mask_input` the network runs once, with all points and this as the previous mask: feeding
        back the logits of the last call while adding one point gives exactly the answer of a session.

        A box starts from a mask that is undecided inside it; if no points are given, its centre is clicked.
        Beside `mask_input`, which says more, a box matters only for that click.

        Args:
            point_coords: (N, 2) x and y in image pixels.
            point_labels: (N,) 1 for object, 0 for background.
            box: (4,) left, top, right, bottom in image pixels; cut at the image's border.
            mask_input: (1, h, w) logits at the network's size, as returned by an earlier call. Given alone
                it is only brought to the image's size.
            multimask_output: taken for the sake of existing code; this network knows one answer, so one
                mask is returned in either case.
            return_logits: return float logits of the image's size in place of bool masks; masks are where
                they are above 0.

        Returns:
            masks: (1, H, W) bool, or float32 if `return_logits`.
            scores: (1,) float32 in [0, 1], see `score`; not calibrated.
            logits: (1, h, w) float32 at the network's size.

        Raises:
            PromptError: no image is set, nothing is asked, or an argument has a wrong shape or value.
        """
        encoded = self._encoded
        if encoded is None:
            raise PromptError("no image is set; call set_image before predict")
        clicks = _clicks(point_coords, point_labels)
        corners = None if box is None else _corners(box, encoded.shape)
        if corners is not None and not clicks:
            clicks = [Click((corners[0] + corners[2]) / 2, (corners[1] + corners[3]) / 2)]
        if mask_input is not None:
            logits = self._refine(encoded, clicks, np.asarray(mask_input))
            probability = resize_aligned(sigmoid(logits), encoded.shape)
        else:
            session = self._replay(encoded, clicks, corners)
            if session.logits is None:
                raise PromptError("nothing is asked; give at least one point, a box or mask_input")
            logits, probability = session.logits, session.probability
        masks = _logit(probability) if return_logits else probability > 0.5
        return masks[None], np.array([score(probability)], np.float32), logits[None].copy()

    def _replay(self, encoded: EncodedImage, clicks: list[Click], box: tuple[float, ...] | None) -> Session:
        """The session of the preceding call if it was about the same box, with these clicks."""
        if self._session is None or self._box != box:
            start = None if box is None else _box_start(box, encoded)
            self._session = Session(self.model, encoded, start=start, start_kind="probability")
            self._box = box
        self._session.set_clicks(clicks)
        return self._session

    def _refine(
        self, encoded: EncodedImage, clicks: list[Click], mask_input: NDArray[Any]
    ) -> NDArray[np.float32]:
        if mask_input.shape != (1, *encoded.size) or mask_input.dtype.kind != "f":
            raise PromptError(
                f"mask_input is the logits of an earlier call, (1, {encoded.size[0]}, {encoded.size[1]}) "
                f"float32, not {mask_input.shape} {mask_input.dtype}"
            )
        if np.isnan(mask_input).any():
            raise PromptError("mask_input holds NaN; give the logits of an earlier call")
        logits: NDArray[np.float32] = mask_input[0].astype(np.float32)
        if not clicks:
            return logits
        previous = resize_through(sigmoid(logits), encoded.shape, encoded.size)
        return decode_clicks(self.model, encoded, clicks, previous)


def score(probability: NDArray[np.float32]) -> float:
    """How well a probability agrees with its own mask, from 0 to 1.

    The probability inside the mask, summed, over the mask's area plus the probability outside: the IoU to
    expect if every pixel's probability were right. Networks are surer than they are right, so use it to
    compare answers, not as a promise.

    Args:
        probability: (H, W) float32 in [0, 1].
    """
    mask = probability > 0.5
    inside = float(probability.sum(where=mask, dtype=np.float64))
    outside = float(probability.sum(where=~mask, dtype=np.float64))
    total = int(np.count_nonzero(mask)) + outside
    return inside / total if total else 0.0


def _logit(probability: NDArray[np.float32]) -> NDArray[np.float32]:
    """The logits of a probability, finite: above 0 exactly where the probability is above 0.5."""
    margin = np.float32(2.0**-24)
    inside = np.clip(probability, margin, 1 - margin)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def _numbers(value: ArrayLike, name: str) -> NDArray[np.float64]:
    try:
        numbers = np.asarray(value, np.float64)
    except (TypeError, ValueError) as error:
        raise PromptError(f"{name} must be an array of numbers") from error
    if not np.isfinite(numbers).all():
        raise PromptError(f"{name} must be finite numbers")
    return numbers


def _clicks(point_coords: ArrayLike | None, point_labels: ArrayLike | None) -> list[Click]:
    if point_coords is None and point_labels is None:
        return []
    if point_coords is None or point_labels is None:
        raise PromptError("point_coords and point_labels go together; give both")
    coords, labels = _numbers(point_coords, "point_coords"), _numbers(point_labels, "point_labels")
    if coords.size == labels.size == 0:
        return []
    if coords.ndim != 2 or coords.shape[1] != 2:
        raise PromptError(f"point_coords has shape {coords.shape}, not (N, 2) with x and y")
    if labels.shape != coords.shape[:1]:
        raise PromptError(f"point_labels has shape {labels.shape}, not ({len(coords)},), one for each point")
    if not np.isin(labels, (0, 1)).all():
        raise PromptError("point_labels are 1 for object and 0 for background, nothing else")
    return [Click(float(x), float(y), bool(label)) for (x, y), label in zip(coords, labels, strict=True)]


def _corners(box: ArrayLike, shape: tuple[int, int]) -> tuple[float, float, float, float]:
    """A checked box, cut at the border of the image."""
    numbers = _numbers(box, "box")
    if numbers.size != 4 or numbers.ndim > 2:
        raise PromptError(f"a box is left, top, right, bottom, not an array of shape {numbers.shape}")
    left, top, right, bottom = (float(number) for number in numbers.ravel())
    if left > right or top > bottom:
        raise PromptError(
            f"box ({left:g}, {top:g}, {right:g}, {bottom:g}) is inside out; give left, top, right, bottom"
        )
    height, width = shape
    left, right = max(left, 0.0), min(right, width - 1.0)
    top, bottom = max(top, 0.0), min(bottom, height - 1.0)
    if left > right or top > bottom:
        raise PromptError(f"the box lies outside the image of {width} x {height} pixels")
    return left, top, right, bottom


def _box_start(box: tuple[float, ...], encoded: EncodedImage) -> NDArray[np.float32]:
    """A box as a probability at the network's size, at least one pixel high and wide."""
    left, top, right, bottom = box
    start = np.zeros(encoded.size, np.float32)
    spans = []
    for low, high, length, network in zip(
        (top, left), (bottom, right), encoded.shape, encoded.size, strict=True
    ):
        scale = (network - 1) / max(length - 1, 1)  # as masks are resized, corners on corners
        spans.append(slice(round(low * scale), round(high * scale) + 1))
    start[tuple(spans)] = _BOX_PROBABILITY
    return start
