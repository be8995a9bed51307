"""One image, one object: clicks in order, undo, redo, a starting mask.

The loop is the published one (specification 4.3): the network is shown the image, all clicks so far and
the previous mask as a probability, which is what it answered to the click before, brought to the image's
resolution and back. The image itself is encoded once; with zoom-in, so is each part that is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from skipclick.backend.protocol import Backend, Features
from skipclick.encoded import EncodedImage, decode_clicks, decode_scaled, encode_image
from skipclick.errors import ImageError, PromptError
from skipclick.image import ImageSource, NetworkSize
from skipclick.mask import remove_specks, sigmoid
from skipclick.prompt import Click, check_clicks
from skipclick.resize import above_aligned, resize_aligned, resize_through
from skipclick.zoom import OBJECT, Region, next_region, surroundings, widened

StartKind: TypeAlias = Literal["auto", "mask", "probability", "logits"]
"""What the numbers of a starting mask mean."""

Number = TypeVar("Number", bound=np.generic)

Zoom: TypeAlias = bool | Literal["published"]
"""Whether, and by which rule, the network sees only the object's surroundings."""

_ASPECT_TOLERANCE = 0.02
# How often a click is answered again at most, each time in wider surroundings.
_WIDENINGS = 3


def check_threshold(threshold: float) -> None:
    """Make sure that a probability can lie above and below this.

    Raises:
        PromptError: it is not in [0, 1).
    """
    if not 0 <= threshold < 1:
        raise PromptError(f"the threshold is a probability from 0 to below 1, not {threshold}")


def check_start(start: tuple[int, ...], shape: tuple[int, int], size: tuple[int, int]) -> None:
    """Make sure that a starting mask fits an image.

    Args:
        start: (height, width) of the mask.
        shape: (H, W) of the image in pixels.
        size: (h, w) at which the network sees it.

    Raises:
        PromptError: it has neither the image's proportions, within 2 %, nor exactly the network's size.
    """
    (height, width), (h, w) = shape, start
    stretch = (w * height) / (h * width)
    if (h, w) != size and abs(stretch - 1) > _ASPECT_TOLERANCE:
        raise PromptError(
            f"a starting mask of {w} x {h} pixels does not fit an image of {width} x {height}; "
            "give a mask of the same proportions"
        )


class _Step(NamedTuple):
    """One click and the network's answer to it and all clicks before: logits of a region, (h, w) float32."""

    click: Click
    logits: NDArray[np.float32]
    region: Region


class Session:
    """Cutting one object out of one image.

    The answer depends on nothing but the image, the starting mask and the clicks up to now: what was
    undone leaves no trace. A click that fails leaves the session as it was. Each click keeps h * w * 4
    bytes (0.8 MB at 448 x 448), however large the image is.

    Args:
        model: a loaded model.
        image: anything that `load_image` reads, or an `EncodedImage` made with the same model, which
            brings its own `size` and `mirror`.
        size: see `network_size`.
        mirror: average with the mirrored image, see `encode_image`.
        start: a mask to begin from instead of an empty one, (height, width), of the image's proportions
            (within 2 %) or exactly of the network's size.
        start_kind: "mask" (object where not zero), "probability" (in [0, 1]) or "logits". "auto" takes
            bool and integers for a mask, floats within [0, 1] for a probability and other floats for
            logits; say "logits" if yours may all lie within [0, 1].
        threshold: a pixel belongs to the mask if its probability is above this, in [0, 1).
        specks: islands and holes of the mask with fewer pixels than this are removed, see `remove_specks`.
        zoom: from the second click on (or the first, if there is a starting mask), the network sees only
            the object's surroundings, see `skipclick.zoom`. Small objects and fine parts take fewer clicks;
            whenever the surroundings change, a click takes as long as encoding an image. Needs the image or
            an `EncodedImage` with its pixels. Surroundings that cut through the answer are widened, and
            the click is answered again; "published" leaves that out, as in specification 4.5, and an object
            can then end in a straight line until the next click.

    Raises:
        ImageError, ModelError: as `encode_image`; ImageError also where zooming in lacks the pixels.
        PromptError: the starting mask does not fit or holds NaN; the threshold is out of range.
    """

    def __init__(
        self,
        model: Backend,
        image: ImageSource | EncodedImage,
        *,
        size: NetworkSize = 448,
        mirror: bool = False,
        start: NDArray[Any] | None = None,
        start_kind: StartKind = "auto",
        threshold: float = 0.5,
        specks: int = 0,
        zoom: Zoom = False,
    ) -> None:
        check_threshold(threshold)
        if not isinstance(image, EncodedImage):
            image = encode_image(model, image, size=size, mirror=mirror, keep_pixels=bool(zoom))
        elif zoom and image.pixels is None:
            raise ImageError(
                "zooming in needs the pixels of the image: encode it with encode_image(…, keep_pixels=True)"
            )
        self._model = model
        self._encoded = image
        self._start = None if start is None else _start_map(start, start_kind, image)
        self._threshold = threshold
        self._specks = specks
        self._pixels = image.pixels if zoom else None
        self._widenings = 0 if zoom == "published" else _WIDENINGS
        self._whole = Region.whole(image.shape)
        self._part: tuple[Region, Features] | None = None
        self._done: list[_Step] = []
        self._undone: list[_Step] = []
        self._probability: NDArray[np.float32] | None = None
        self._mask: NDArray[np.bool_] | None = None

    @property
    def encoded(self) -> EncodedImage:
        """The encoded image, to share with another session."""
        return self._encoded

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) of the image in pixels."""
        return self._encoded.shape

    @property
    def clicks(self) -> tuple[Click, ...]:
        """The clicks in force, in order."""
        return tuple(step.click for step in self._done)

    @property
    def logits(self) -> NDArray[np.float32] | None:
        """What the network answered to the last click, (h, w) float32, read-only; None before a click.

        They are of `region`, which is the whole image for a session that does not zoom in.
        """
        return self._done[-1].logits if self._done else None

    @property
    def region(self) -> Region:
        """The part of the image that the network saw at the last click; the whole image before a click."""
        return self._done[-1].region if self._done else self._whole

    @property
    def probability(self) -> NDArray[np.float32]:
        """Each pixel's probability of being object, (H, W) float32 in [0, 1], read-only."""
        if self._probability is None:
            self._probability = self._spread(self._done)
            self._probability.flags.writeable = False
        return self._probability

    @property
    def mask(self) -> NDArray[np.bool_]:
        """The object: where the probability is above the threshold, (H, W) bool, read-only."""
        if self._mask is None:
            known, region = self._known(self._done), self.region
            if known is None:
                mask = np.zeros(self.shape, np.bool_)
            else:  # the probability itself is computed only for those who ask for it
                mask = self._framed(above_aligned(known, region.shape, self._threshold), region)
            self._mask = remove_specks(mask, self._specks) if self._specks else mask
            self._mask.flags.writeable = False
        return self._mask

    def add(self, click: Click) -> NDArray[np.bool_]:
        """Answer one more click; what was undone before it can no longer be redone.

        Returns:
            The new `mask`.

        Raises:
            PromptError: the click lies outside the image.
        """
        self._extend(len(self._done), [click])
        return self.mask

    def set_clicks(self, clicks: Iterable[Click]) -> NDArray[np.bool_]:
        """Replace all clicks, as if they were made one after another from the start.

        The network runs only from the first click that differs from those in force. Drops what could be
        redone, even if nothing changes.

        Returns:
            The new `mask`.

        Raises:
            PromptError: a click lies outside the image; the session stays as it was.
        """
        wanted = list(clicks)
        common = 0
        for step, click in zip(self._done, wanted, strict=False):
            if step.click != click:
                break
            common += 1
        self._extend(common, wanted[common:])
        return self.mask

    def undo(self) -> bool:
        """Take the last click back, bit for bit, without the network; False if there was none."""
        return self._move(self._done, self._undone)

    def redo(self) -> bool:
        """Make the click last undone again, without the network; False if there was none."""
        return self._move(self._undone, self._done)

    def reset(self) -> None:
        """Forget all clicks, those undone included; back to the starting mask. Cannot be undone."""
        self._done, self._undone = [], []
        self._forget()

    def _extend(self, kept: int, clicks: Sequence[Click]) -> None:
        done = self._done[:kept]
        for click in clicks:
            told = [*(step.click for step in done), click]
            if self._pixels is None:
                region, logits = self._whole, self._look(done, told)
            else:
                region, logits = self._look_closely(self._pixels, done, told)
            logits.flags.writeable = False
            done.append(_Step(click, logits, region))
        self._done, self._undone = done, []
        self._forget()

    def _look(self, done: list[_Step], told: list[Click]) -> NDArray[np.float32]:
        previous = self._known(done)
        if previous is not None:  # by way of the image's resolution (specification 4.3, items 7 and 2)
            previous = resize_through(previous, self.shape, self._encoded.size)
        return decode_clicks(self._model, self._encoded, told, previous)

    def _look_closely(
        self, pixels: NDArray[np.uint8], done: list[_Step], told: list[Click]
    ) -> tuple[Region, NDArray[np.float32]]:
        """Zoom-in (specification 4.5); the region depends only on what came before, so undo is exact."""
        check_clicks(told, self.shape)
        before = self._spread(done)
        region = next_region(done[-1].region if done else None, surroundings(before, told), told)
        logits = self._answer(pixels, region, before, told)
        for _ in range(self._widenings):
            if region == self._whole:
                break
            wider = widened(region, above_aligned(sigmoid(logits), region.shape, OBJECT), self.shape)
            if wider == region:
                break
            region, logits = wider, self._answer(pixels, wider, before, told)
        return region, logits

    def _answer(
        self, pixels: NDArray[np.uint8], region: Region, before: NDArray[np.float32], told: list[Click]
    ) -> NDArray[np.float32]:
        """The network's logits for a region, (h, w) float32, given the mask before, (H, W) float32."""
        (h, w), (height, width), mirror = self._encoded.size, region.shape, self._encoded.mirror
        previous = resize_aligned(before[region.window], (h, w))
        if region == self._whole:
            return decode_clicks(self._model, self._encoded, told, previous)
        # Unlike in the whole image, clicks may lie outside what the network sees.
        scaled = [
            Click(w * (c.x - region.left) / width, h * (c.y - region.top) / height, c.positive) for c in told
        ]
        if self._part is None or self._part[0] != region:
            part = np.ascontiguousarray(pixels[region.window])
            self._part = region, encode_image(self._model, part, size=(h, w), mirror=mirror).features
        return decode_scaled(self._model, self._part[1], scaled, previous, mirror=mirror)

    def _known(self, done: list[_Step]) -> NDArray[np.float32] | None:
        """The probability in the last step's region, at whatever size it is kept; None for all background."""
        if done:
            return sigmoid(done[-1].logits)
        return None if self._start is None else self._start.astype(np.float32, copy=False)

    def _spread(self, done: list[_Step]) -> NDArray[np.float32]:
        """The probability after these steps, (H, W) float32."""
        known, region = self._known(done), done[-1].region if done else self._whole
        if known is None:
            return np.zeros(self.shape, np.float32)
        return self._framed(resize_aligned(known, region.shape), region)

    def _framed(self, part: NDArray[Number], region: Region) -> NDArray[Number]:
        """What was found in a region, (H, W), with nothing around it."""
        if region == self._whole:
            return part
        whole = np.zeros(self.shape, part.dtype)
        whole[region.window] = part
        return whole

    def _move(self, source: list[_Step], target: list[_Step]) -> bool:
        if not source:
            return False
        target.append(source.pop())
        self._forget()
        return True

    def _forget(self) -> None:
        self._probability = self._mask = None


def _start_map(
    start: NDArray[Any], kind: StartKind, encoded: EncodedImage
) -> NDArray[np.float32] | NDArray[np.bool_]:
    """Check a starting mask and bring it to bool or a probability, in memory of our own."""
    start = np.asarray(start)
    if kind not in ("auto", "mask", "probability", "logits"):
        raise PromptError(f'start_kind is "auto", "mask", "probability" or "logits", not {kind!r}')
    if start.ndim != 2 or not start.size or start.dtype.kind not in "buif":
        raise PromptError(
            f"a starting mask is an array of numbers (height, width), not {start.shape} {start.dtype}"
        )
    check_start(start.shape, encoded.shape, encoded.size)
    if start.dtype.kind == "f" and np.isnan(start).any():
        raise PromptError("the starting mask holds NaN; replace it by numbers")
    bounded = bool(start.min() >= 0 and start.max() <= 1)
    if kind == "auto":
        kind = "mask" if start.dtype.kind != "f" else "probability" if bounded else "logits"
    if kind == "mask":
        return np.asarray(start != 0)
    if kind == "logits":
        return sigmoid(start)
    if not bounded:
        raise PromptError(
            f"a starting probability lies in [0, 1], not from {start.min():g} to {start.max():g}"
        )
    return start.astype(np.float32)
