"""A photo from disk to the network's input; `resize` brings maps back from there to the photo."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from skipclick.errors import ImageError, ModelError
from skipclick.resize import resize_axes

ImageSource: TypeAlias = str | os.PathLike[str] | Image.Image | NDArray[Any]
"""A file name, a PIL image, or an array as `load_image` describes it."""

NetworkSize: TypeAlias = int | tuple[int, int] | Literal["auto"]
"""Side of a square, (height, width), or "auto": see `network_size`."""

PIXEL_LIMIT = 200_000_000
"""Largest picture that is decoded, in pixels: the largest photos that telephones make."""

IMAGE_SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
"""File names that count as images, in any case, where a folder is listed."""

AUTO_SIZES = (448, 672, 896)
"""The sizes of the published evaluation (specification 4.5), from which "auto" chooses."""

LOSSY = frozenset({"JPEG", "MPO", "JPEG2000", "WEBP", "AVIF"})
"""Formats whose compression blurs black, so that a mask in them is cut at half brightness."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture upright, by its EXIF orientation."""

_pillow_limit = threading.Lock()


def load_image(source: ImageSource, *, image_format: str = "RGB") -> NDArray[np.uint8]:
    """Read a photo, upright and as RGB, whatever its kind.

    Files and PIL images are turned by their EXIF orientation; of several frames the first is taken.
    Grey becomes three equal channels. Transparency is laid over white. 16-bit grey is scaled from
    0..65535 to 0..255.

    Args:
        source: a file name, a PIL image, or an array of shape (H, W), (H, W, 1), (H, W, 2) with alpha,
            (H, W, 3) or (H, W, 4) with alpha; dtype uint8, uint16 (0..65535), bool, or floats in [0, 1].
        image_format: "RGB" or "BGR", the order of the channels in an array; files know their own.

    Returns:
        (H, W, 3) uint8 RGB, contiguous; shares memory with `source` if that is such an array.

    Raises:
        ImageError: no such file, not a picture, damaged, empty, larger than `PIXEL_LIMIT`, or an array of
            another shape, dtype or range.
    """
    if image_format not in ("RGB", "BGR"):
        raise ImageError(f'image_format is "RGB" or "BGR", not {image_format!r}')
    if isinstance(source, np.ndarray):
        return _rgb(source, "the image array", reverse=image_format == "BGR")
    picture, name = open_upright(source)
    if picture.mode not in ("F", "I") and not picture.mode.startswith("I;16"):
        try:
            picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
        except ValueError as error:
            raise ImageError(
                f"{name}: colour mode {picture.mode} is not supported; save it as RGB"
            ) from error
    array = np.asarray(picture)
    if picture.mode == "I" and array.min() >= 0 and array.max() <= 65535:
        array = array.astype(np.uint16)  # how Pillow hands out some 16-bit files
    return _rgb(array, name)


def load_mask(path: str | os.PathLike[str] | Image.Image) -> NDArray[np.bool_]:
    """Read a mask from any picture: black is background, every other colour or value is object.

    So masks of 0 and 255 and label maps with small numbers both work. In JPEG, WebP and AVIF, whose
    compression blurs black, object is what is brighter than 127. Where a picture has transparent pixels,
    transparency alone decides: object is where alpha is above 127. What may be a probability instead is read
    by `start_file.load_start`.

    Returns:
        (H, W) bool, turned by the EXIF orientation like the photo.

    Raises:
        ImageError: as for `load_image`.
    """
    lossy = isinstance(path, Image.Image) and path.format in LOSSY
    picture, name = open_upright(path)
    lossy = lossy or picture.format in LOSSY
    if picture.mode in ("F", "I") or picture.mode.startswith("I;16"):
        return np.asarray(np.asarray(picture) != 0)
    try:
        if picture.has_transparency_data:
            alpha = np.asarray(picture.convert("RGBA").getchannel("A"))
            if alpha.min() < 255:
                return alpha > 127
        if lossy:
            return np.asarray(picture.convert("L")) > 127
        return np.asarray(np.asarray(picture.convert("RGB")).any(axis=-1))
    except ValueError as error:
        raise ImageError(f"{name}: colour mode {picture.mode} is not supported; save it as grey") from error


def image_shape(path: str | os.PathLike[str]) -> tuple[int, int]:
    """(H, W) of a picture file as `load_image` would return it, from the file's header alone.

    Raises:
        ImageError: as for `load_image`, except for damage behind the header.
    """
    with _opened(Path(path)) as picture:
        _check_size(picture, str(path))
        turned = _orientation(picture) >= 5
        return picture.size if turned else picture.size[::-1]


def network_size(shape: tuple[int, int], size: NetworkSize, stride: int) -> tuple[int, int]:
    """The height and width at which an image is shown to the network.

    Args:
        shape: (H, W) of the image in pixels.
        size: a side (the image is squeezed to a square as in the published evaluation, specification
            4.3), a (height, width), or "auto": the largest of `AUTO_SIZES` that the image's long side
            reaches, at least 448, as a square. Enlarging a small image adds cost and no detail.
        stride: the model's patch size; both sides must be multiples of it.

    Raises:
        ModelError: not a size, or not a multiple; names the nearest sizes that are.
    """
    if isinstance(size, str):
        if size != "auto":
            raise ModelError(f'a network size is a number of pixels or "auto", not {size!r}')
        side = max([AUTO_SIZES[0], *(each for each in AUTO_SIZES if each <= max(shape))])
        side = max(1, round(side / stride)) * stride
        return side, side
    sides = tuple(size) if isinstance(size, tuple | list) else (size, size)
    if len(sides) != 2 or not all(isinstance(side, int | np.integer) for side in sides):
        raise ModelError(f"a network size is one whole number of pixels, or two (height, width), not {size}")
    for side in sides:
        if side < stride or side % stride:
            below = side // stride * stride
            near = f"{below} or {below + stride}" if below >= stride else f"{stride} or more"
            raise ModelError(f"network size {side} must be a multiple of the patch size {stride}: use {near}")
    return int(sides[0]), int(sides[1])


def to_network(image: NDArray[Any], size: tuple[int, int]) -> NDArray[np.float32]:
    """Bring an image to the network's input size (specification 4.3, item 2).

    Args:
        image: (H, W, 3) RGB, uint8 or float32 in [0, 1].
        size: (h, w) in pixels.

    Returns:
        (3, h, w) float32 in [0, 1], contiguous.

    Raises:
        ImageError: another shape or dtype.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype not in (np.uint8, np.float32) or not image.size:
        raise ImageError(f"expected (H, W, 3) uint8 or float32, not {image.shape} {image.dtype}")
    resized = resize_axes(image, size, rows=0)
    if image.dtype == np.uint8:
        resized = resized / np.float32(255)
    return np.ascontiguousarray(resized.transpose(2, 0, 1))


def open_upright(source: object) -> tuple[Image.Image, str]:
    """Decode a file or PIL image and turn it by its EXIF orientation; also its name for messages.

    Raises:
        ImageError: as for `load_image`.
    """
    if isinstance(source, Image.Image):
        return _decode(source, "the PIL image"), "the PIL image"
    if not isinstance(source, str | os.PathLike):
        raise ImageError(f"an image is a file name, a PIL image or an array, not a {type(source).__name__}")
    with _opened(Path(source)) as picture:
        return _decode(picture, str(source)), str(source)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """A picture file of which only the header has been read."""
    name = str(path)
    try:
        if path.is_dir():
            raise ImageError("{name} is a folder; name one image file", name=name)
        with path.open("rb") as file:
            if not file.peek(1):
                raise ImageError("{name} is empty; save or download it again", name=name)
            yield _read_header(file, name)
    except FileNotFoundError as error:
        raise ImageError("{name} does not exist; check the file name", name=name) from error
    except PermissionError as error:
        raise ImageError("{name} may not be read; check its permissions", name=name) from error
    except (OSError, ValueError) as error:  # a drive that fails, a name that no file can have
        raise ImageError("{name} cannot be opened: {reason}", name=name, reason=_one_line(error)) from error


def _read_header(file: BinaryIO, name: str) -> Image.Image:
    # Pillow's own limit stops at 179 megapixels and warns from 89 on; ours is checked right after this.
    with _pillow_limit:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            return Image.open(file)
        except UnidentifiedImageError as error:
            raise ImageError(
                "{name} is not a picture that can be read; save it as JPEG or PNG", name=name
            ) from error
        except Exception as error:  # decoders raise whatever a damaged file leads them to
            raise _damaged(name, error) from error
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _check_size(picture: Image.Image, name: str) -> None:
    width, height = picture.size
    if width * height > PIXEL_LIMIT:
        most = PIXEL_LIMIT // 10**6
        raise ImageError(
            "{name} has {width} x {height} pixels; scale it down to {most} megapixels or less",
            name=name,
            width=width,
            height=height,
            most=most,
        )
    if width * height == 0:
        raise ImageError("{name} has no pixels ({width} x {height})", name=name, width=width, height=height)


def _decode(picture: Image.Image, name: str) -> Image.Image:
    _check_size(picture, name)
    try:
        picture.load()
    except Exception as error:  # decoders raise whatever a damaged file leads them to
        raise _damaged(name, error) from error
    turn = _TURNS.get(_orientation(picture))
    if turn is None:
        return picture
    upright = picture.transpose(turn)
    upright.format = picture.format
    return upright


def _orientation(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # camera notes that cannot be read are no reason to refuse a sound photo
        return 1


def _damaged(name: str, error: Exception) -> ImageError:
    return ImageError(
        "{name} is damaged or cut short ({reason}); save or download it again",
        name=name,
        reason=_one_line(error),
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _rgb(array: NDArray[Any], name: str, reverse: bool = False) -> NDArray[np.uint8]:
    """Any supported array as contiguous (H, W, 3) uint8 RGB."""
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[2] not in (1, 2, 3, 4):
        hint = "; move the channels to the end" if array.ndim == 3 and array.shape[0] in (1, 3, 4) else ""
        raise ImageError(f"{name} has shape {array.shape}, not (height, width) or (height, width, 3){hint}")
    if array.size == 0:
        raise ImageError(f"{name} has no pixels: its shape is {array.shape}")
    channels = array.shape[2]
    array = _eight_bit(array, name)
    colour = array[..., : 1 if channels < 3 else 3]
    if reverse:
        colour = colour[..., ::-1]
    if channels in (2, 4):
        colour = _over_white(colour, array[..., -1:])
    return np.ascontiguousarray(np.broadcast_to(colour, (*array.shape[:2], 3)))


def _eight_bit(array: NDArray[Any], name: str) -> NDArray[np.uint8]:
    kind, width = array.dtype.kind, array.dtype.itemsize
    if kind == "u" and width == 1:
        return array
    if kind == "u" and width == 2:
        return ((array.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if kind == "b":
        return array.astype(np.uint8) * np.uint8(255)
    if kind != "f":
        raise ImageError(
            f"{name} has dtype {array.dtype}; convert it to uint8 (0 to 255) or floats in [0, 1]"
        )
    low, high = float(array.min()), float(array.max())
    if not (low >= 0 and high <= 1):  # this way round NaN is refused too
        raise ImageError(f"{name} has floats from {low:g} to {high:g}; bring them to [0, 1] or to uint8")
    return np.asarray(np.rint(array * array.dtype.type(255)), dtype=np.uint8)


def _over_white(colour: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if alpha.min() == 255:
        return colour
    share = alpha.astype(np.uint16)  # 255 * 255 + 127 still fits
    return ((colour * share + 255 * (255 - share) + 127) // 255).astype(np.uint8)
