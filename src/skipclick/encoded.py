"""The two ways to a model that every session, predictor and tool takes: an image encoded, clicks answered.

Both are the published ones (specification 4.3 and 4.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skipclick.backend.protocol import Backend, Features
from skipclick.image import ImageSource, NetworkSize, load_image, network_size, to_network
from skipclick.prompt import Click, Prompt, check_clicks


@dataclass(frozen=True, slots=True, eq=False)
class EncodedImage:
    """An image as the network keeps it; any number of sessions may share one.

    Attributes:
        features: what the back end's `encode` returned, of batch 2 if mirrored.
        shape: (H, W) of the image in pixels.
        size: (h, w) at which the network sees it.
        mirror: whether the mirrored image was encoded as well (specification 4.4).
        pixels: the image itself, (H, W, 3) uint8 RGB, for sessions that zoom in; None if it was not kept.
    """

    features: Features
    shape: tuple[int, int]
    size: tuple[int, int]
    mirror: bool
    pixels: NDArray[np.uint8] | None = None


def encode_image(
    model: Backend,
    image: ImageSource,
    *,
    size: NetworkSize = 448,
    mirror: bool = False,
    keep_pixels: bool = False,
) -> EncodedImage:
    """Compute everything that depends on the image alone, the slow part.

    Args:
        model: a loaded model.
        image: anything that `load_image` reads.
        size: see `network_size`.
        mirror: also encode the mirrored image and average the answers for both, as in the published
            evaluation; each step then costs twice as much.
        keep_pixels: also keep the image itself, for sessions that zoom in.

    Raises:
        ImageError: the image cannot be read.
        ModelError: the size does not suit the model.
    """
    array = load_image(image)
    shape = array.shape[0], array.shape[1]
    seen = network_size(shape, size, model.stride)
    batch = to_network(array, seen)[None]
    if mirror:
        batch = np.concatenate([batch, batch[..., ::-1]])
    pixels = None
    if keep_pixels:  # an array is the caller's, who may go on drawing in it
        pixels = array.copy() if isinstance(image, np.ndarray) else array
    return EncodedImage(model.encode(batch), shape, seen, mirror, pixels)


def decode_clicks(
    model: Backend, encoded: EncodedImage, clicks: Sequence[Click], previous: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    """Run the network once (specification 4.3, items 2 to 7, without the way back to the image).

    Args:
        model: the model that made `encoded`.
        encoded: the image.
        clicks: all clicks so far, in image pixels.
        previous: the previous mask as a probability, (h, w) float32 at the network's size, or None.

    Returns:
        Logits, (h, w) float32; the mean of both answers if the image was encoded mirrored too.

    Raises:
        PromptError: a click lies outside the image, see `check_clicks`.
    """
    check_clicks(clicks, encoded.shape)
    (height, width), (h, w) = encoded.shape, encoded.size
    # A click in the outer half of the first row and column would fall below 0 in both coordinates, which
    # the click map reads as an unused slot (specification 2.3); hence the lower bound.
    scaled = [Click(max(w * c.x / width, 0.0), max(h * c.y / height, 0.0), c.positive) for c in clicks]
    return decode_scaled(model, encoded.features, scaled, previous, mirror=encoded.mirror)


def decode_scaled(
    model: Backend,
    features: Features,
    clicks: Sequence[Click],
    previous: NDArray[np.float32] | None,
    *,
    mirror: bool,
) -> NDArray[np.float32]:
    """Run the network once, on clicks that are given in its own pixels (specification 4.3, items 4 to 7).

    Args:
        model: the model that made `features`.
        features: of the image, and of its mirror image if `mirror`.
        clicks: all clicks so far, in pixels of the network's input (h, w).
        previous: the previous mask as a probability, (h, w) float32, or None.
        mirror: average the logits with those of the mirror image.

    Returns:
        Logits, (h, w) float32.
    """
    prompts = [Prompt(tuple(clicks), previous)]
    if mirror:
        mirrored = None if previous is None else np.ascontiguousarray(previous[:, ::-1])
        width = features.size[1]
        prompts.append(Prompt(tuple(Click(width - c.x - 1, c.y, c.positive) for c in clicks), mirrored))
    logits = model.decode(features, prompts)
    if mirror:
        return np.asarray((logits[0] + logits[1, :, ::-1]) / 2, np.float32)
    return np.array(logits[0])
