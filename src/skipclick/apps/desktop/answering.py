"""A model with its memory: photos, their features, and the sessions that clicks belong to. No Qt."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skipclick.annotation.folder import check_ordinary
from skipclick.apps.desktop.agenda import Ask, same_start
from skipclick.apps.desktop.bytecache import ByteCache
from skipclick.apps.desktop.focus import Region
from skipclick.apps.desktop.pyramid import Pyramid
from skipclick.backend.protocol import Backend
from skipclick.encoded import EncodedImage, encode_image
from skipclick.errors import PromptError
from skipclick.image import NetworkSize, load_image
from skipclick.mask import sigmoid
from skipclick.predictor import score
from skipclick.prompt import Click
from skipclick.session import Session


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What the model says to an `Ask`.

    Attributes:
        ask: the question.
        mask: (H, W) bool, of the whole image, read-only. Outside the ask's region it is the start.
        score: how sure the model is of it, in [0, 1], see `skipclick.predictor.score`.
        seconds: what the answer took, without encoding the image.
        model: the model's name.
    """

    ask: Ask
    mask: NDArray[np.bool_]
    score: float
    seconds: float
    model: str


def read_photo(image: Path) -> NDArray[np.uint8]:
    """As `load_image`, for files that somebody put into a folder.

    Raises:
        ImageError: it cannot be read, or is no ordinary file.
    """
    check_ordinary(image)
    return load_image(image)


class Photos:
    """Photos read from disk, with their pyramids, those used last within a bound.

    Args:
        limit: in bytes.
        read: from a file to (H, W, 3) uint8 RGB.
    """

    def __init__(self, limit: int, read: Callable[[Path], NDArray[np.uint8]] = read_photo) -> None:
        self._kept: ByteCache[Path, Pyramid] = ByteCache(limit, lambda photo: photo.nbytes)
        self._read = read

    def get(self, image: Path) -> Pyramid:
        """The photo in this file.

        Raises:
            ImageError: it cannot be read.
        """

        def make() -> Pyramid:
            photo = Pyramid(self._read(image))
            photo.build()
            return photo

        return self._kept.get(image, make)


class Answerer:
    """One model at work.

    `encode` may be called from several threads, `answer` from one.

    Args:
        model: a loaded model; one wrapped in a cache on disk will do.
        photos: where images come from.
        size: at which size the network sees images, see `network_size`.
        feature_bytes: how much memory features may take.
        session_bytes: how much memory the clicks made so far may take, so that a further click or an undo
            needs no earlier ones again.
    """

    def __init__(
        self,
        model: Backend,
        photos: Photos,
        *,
        size: NetworkSize = 448,
        feature_bytes: int = 1 << 30,
        session_bytes: int = 1 << 29,
    ) -> None:
        self.model = model
        self._photos = photos
        self._size = size
        self._features: ByteCache[tuple[Path, Region | None], EncodedImage] = ByteCache(
            feature_bytes, lambda encoded: encoded.features.nbytes
        )
        self._sessions: ByteCache[tuple[Path, str, Region | None], tuple[NDArray[Any] | None, Session]] = (
            ByteCache(session_bytes, lambda kept: _session_bytes(kept[1]))
        )

    def encoded(self, image: Path, region: Region | None = None) -> bool:
        """Whether the features are in memory."""
        return (image, region) in self._features

    def encode(self, image: Path, region: Region | None = None) -> EncodedImage:
        """The features of an image or a part of it, computed if they are not in memory.

        Raises:
            ImageError, ModelError: as `encode_image`.
        """

        def make() -> EncodedImage:
            pixels = self._photos.get(image).image
            if region is not None:
                pixels = pixels[_window(region, pixels.shape[:2])]
            return encode_image(self.model, pixels, size=self._size)

        return self._features.get((image, region), make)

    def answer(self, ask: Ask) -> Answer:
        """The mask that these clicks make of this start.

        Clicks that the last ask about this object began with are not computed again.

        Raises:
            ImageError, ModelError: the image cannot be read or encoded.
            PromptError: a click or the starting mask does not fit the image, or the region does not hold
                a click.
        """
        encoded = self.encode(ask.image, ask.region)
        clock = time.perf_counter()
        session = self._session(ask, encoded)
        left, top = (0, 0) if ask.region is None else ask.region[:2]
        mask = session.set_clicks(Click(c.x - left, c.y - top, c.positive) for c in ask.clicks)
        if ask.region is not None:
            mask = self._pasted(mask, ask, ask.region)
        known = 0.0 if session.logits is None else score(sigmoid(session.logits))
        return Answer(ask, mask, known, time.perf_counter() - clock, self.model.name)

    def _session(self, ask: Ask, encoded: EncodedImage) -> Session:
        key = ask.image, ask.object, ask.region
        known = self._sessions.find(key)
        if known is not None and same_start(known[0], ask.start):
            return known[1]
        start = ask.start
        if start is not None and ask.region is not None:
            shape = self._photos.get(ask.image).image.shape[:2]
            if start.shape != shape:
                raise PromptError(f"a starting mask of {start.shape} does not fit an image of {shape}")
            start = start[_window(ask.region, shape)]
        session = Session(self.model, encoded, start=start)
        self._sessions.put(key, (ask.start, session))
        return session

    def _pasted(self, mask: NDArray[np.bool_], ask: Ask, region: Region) -> NDArray[np.bool_]:
        shape = self._photos.get(ask.image).image.shape[:2]
        whole = np.zeros(shape, np.bool_) if ask.start is None else ask.start > 0.5
        whole[_window(region, shape)] = mask
        whole.flags.writeable = False
        return whole


def _window(region: Region, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The region as slices of an image of this shape."""
    left, top, right, bottom = region
    if not (0 <= left < right <= shape[1] and 0 <= top < bottom <= shape[0]):
        raise PromptError(f"the region {region} does not lie in an image of {shape[1]} x {shape[0]} pixels")
    return slice(top, bottom), slice(left, right)


_CLICKS_FORESEEN = 20


def _session_bytes(session: Session) -> int:
    """What a session takes at most: probability and mask of the photo's size, logits for each click."""
    (height, width), (h, w) = session.shape, session.encoded.size
    return 5 * height * width + _CLICKS_FORESEEN * 4 * h * w
