"""A photo from disk, its way to the network and back."""

from __future__ import annotations

import io
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from skipclick import image as image_module
from skipclick.errors import ImageError, ModelError, SkipClickError
from skipclick.image import (
    load_image,
    load_mask,
    network_size,
    to_network,
)
from skipclick.resize import resize_aligned

COLOUR = np.random.default_rng(5).integers(0, 256, (7, 5, 3), dtype=np.uint8)
GREY = COLOUR[..., 0]
sides = st.integers(1, 12)


def saved(path: Path, array: np.ndarray, mode: str | None = None, **options: object) -> Path:
    picture = Image.fromarray(array)
    (picture.convert(mode) if mode else picture).save(path, **options)
    return path


def refused(source: object, match: str) -> None:
    """`load_image` and, for files, `load_mask` refuse in one line."""
    readers = [load_image] if isinstance(source, np.ndarray) else [load_image, load_mask]
    for reader in readers:
        with pytest.raises(ImageError, match=match) as caught:
            reader(source)  # type: ignore[operator]
        assert "\n" not in str(caught.value)


# --- kinds of picture ---------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["png", "bmp", "tiff", "webp"])
def test_a_colour_file_is_read_as_it_is(tmp_path: Path, suffix: str) -> None:
    options = {"lossless": True} if suffix == "webp" else {}
    found = load_image(saved(tmp_path / f"a.{suffix}", COLOUR, **options))
    np.testing.assert_array_equal(found, COLOUR)
    assert found.dtype == np.uint8
    assert found.flags.c_contiguous


def test_a_name_a_path_a_pil_image_and_an_array_are_one_image(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", COLOUR)
    with Image.open(path) as picture:
        for source in (path, str(path), picture, COLOUR):
            np.testing.assert_array_equal(load_image(source), COLOUR)


@pytest.mark.parametrize("mode", ["L", "P", "1", "CMYK", "YCbCr", "HSV"])
def test_every_opaque_mode_becomes_what_pillow_shows(mode: str) -> None:
    picture = Image.fromarray(COLOUR).convert(mode)
    np.testing.assert_array_equal(load_image(picture), np.asarray(picture.convert("RGB")))


def test_a_mode_that_pillow_cannot_show_is_refused() -> None:
    refused(Image.new("La", (2, 2)), "colour mode La is not supported")


def test_grey_fills_all_channels(tmp_path: Path) -> None:
    found = load_image(saved(tmp_path / "a.png", GREY))
    np.testing.assert_array_equal(found, np.stack([GREY] * 3, axis=-1))


@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_sixteen_bit_grey_is_scaled_by_its_range(tmp_path: Path, suffix: str) -> None:
    deep = np.array([[0, 128, 129, 257, 32896, 65535]], np.uint16)
    found = load_image(saved(tmp_path / f"a.{suffix}", deep))
    assert found[0, :, 0].tolist() == [0, 0, 1, 1, 128, 255]
    np.testing.assert_array_equal(load_image(deep), found)


def test_big_endian_and_32_bit_containers_of_16_bit_grey() -> None:
    deep = np.array([[0, 257, 65535]], np.uint16)
    for picture in (Image.fromarray(deep.astype(np.int32)), Image.fromarray(deep.astype(">u2"))):
        assert load_image(picture)[0, :, 2].tolist() == [0, 1, 255]


def test_integers_beyond_16_bits_are_refused() -> None:
    refused_array = np.array([[0, 70000]], np.int32)
    with pytest.raises(ImageError, match="int32"):
        load_image(Image.fromarray(refused_array))
    refused(refused_array, "int32")


def test_float_pictures_lie_between_0_and_1() -> None:
    floats = np.array([[0, 0.5, 1]], np.float32)
    assert load_image(Image.fromarray(floats))[0, :, 0].tolist() == [0, 128, 255]


def test_transparency_is_laid_over_white(tmp_path: Path) -> None:
    see_through = np.zeros((1, 3, 4), np.uint8)
    see_through[0, :, 0] = 200
    see_through[0, :, 3] = 0, 51, 255
    want = [[255, 255, 255], [244, 204, 204], [200, 0, 0]]
    assert load_image(see_through)[0].tolist() == want
    assert load_image(saved(tmp_path / "a.png", see_through))[0].tolist() == want
    assert load_image(Image.fromarray(see_through[..., [0, 3]], "LA"))[0, :, 0].tolist() == [255, 244, 200]


def test_the_mixture_with_white_is_rounded_to_the_nearest() -> None:
    colour, alpha = np.mgrid[:256:5, :256:3].astype(np.uint8)
    want = (colour * (alpha / 255) + 255 * (1 - alpha / 255)).round()
    np.testing.assert_array_equal(load_image(np.stack([colour, alpha], axis=-1))[..., 0], want)


@pytest.mark.parametrize("transparency", [0, b"\x00\x80"])
def test_a_transparent_palette_colour_is_laid_over_white(tmp_path: Path, transparency: int | bytes) -> None:
    picture = Image.new("P", (2, 1))
    picture.putpalette([10, 20, 30, 200, 100, 0])
    picture.putpixel((1, 0), 1)
    picture.save(tmp_path / "a.png", transparency=transparency)
    found = load_image(tmp_path / "a.png")[0]
    assert found[0].tolist() == [255, 255, 255]
    half = np.array([200, 100, 0]) * 128 / 255 + 255 * 127 / 255
    want = half if isinstance(transparency, bytes) else [200, 100, 0]
    np.testing.assert_allclose(found[1], want, atol=0.51)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_are_turned_upright(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path / "a.png", COLOUR, exif=exif)
    turned = {
        1: COLOUR,
        2: COLOUR[:, ::-1],
        3: COLOUR[::-1, ::-1],
        4: COLOUR[::-1],
        5: COLOUR.transpose(1, 0, 2),
        6: COLOUR[::-1].transpose(1, 0, 2),
        7: COLOUR[::-1, ::-1].transpose(1, 0, 2),
        8: COLOUR[:, ::-1].transpose(1, 0, 2),
    }[orientation]
    np.testing.assert_array_equal(load_image(path), turned)
    np.testing.assert_array_equal(load_mask(path), turned.any(axis=-1))
    with Image.open(path) as picture:
        np.testing.assert_array_equal(load_image(picture), turned)
        np.testing.assert_array_equal(np.asarray(picture), COLOUR, "the caller's picture stays as it was")


def test_camera_notes_that_cannot_be_read_do_not_spoil_a_photo(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", COLOUR, exif=b"Exif\0\0 no such thing")
    np.testing.assert_array_equal(load_image(path), COLOUR)


def test_of_several_frames_the_first_is_taken(tmp_path: Path) -> None:
    frames = [Image.fromarray(np.full((3, 4), value, np.uint8)) for value in (10, 200)]
    frames[0].save(tmp_path / "a.tiff", save_all=True, append_images=frames[1:])
    assert (load_image(tmp_path / "a.tiff") == 10).all()


# --- arrays -------------------------------------------------------------------------------------------


def test_arrays_of_every_shape() -> None:
    opaque = np.full((7, 5, 1), 255, np.uint8)
    grey = np.stack([GREY] * 3, axis=-1)
    for array, want in [
        (GREY, grey),
        (GREY[..., None], grey),
        (np.concatenate([GREY[..., None], opaque], axis=-1), grey),
        (COLOUR, COLOUR),
        (np.concatenate([COLOUR, opaque], axis=-1), COLOUR),
    ]:
        found = load_image(array)
        np.testing.assert_array_equal(found, want)
        assert found.flags.c_contiguous


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_undo_a_division_by_255(dtype: type[np.floating]) -> None:
    every = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(load_image(every.astype(dtype) / dtype(255))[..., 1], every)


def test_bool_arrays_are_black_and_white() -> None:
    assert load_image(np.array([[False, True]]))[0].tolist() == [[0] * 3, [255] * 3]


def test_bgr_arrays_are_turned_round_and_alpha_stays_last() -> None:
    np.testing.assert_array_equal(load_image(COLOUR, image_format="BGR"), COLOUR[..., ::-1])
    see_through = np.array([[[1, 2, 3, 255], [1, 2, 3, 0]]], np.uint8)
    assert load_image(see_through, image_format="BGR")[0].tolist() == [[3, 2, 1], [255] * 3]


def test_the_order_of_channels_in_a_file_is_its_own(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", COLOUR)
    np.testing.assert_array_equal(load_image(path, image_format="BGR"), COLOUR)


def test_views_are_read_and_left_alone() -> None:
    before = COLOUR.copy()
    np.testing.assert_array_equal(load_image(COLOUR[::-2, ::2]), COLOUR[::-2, ::2])
    np.testing.assert_array_equal(COLOUR, before)


@pytest.mark.parametrize(
    ("array", "match"),
    [
        (np.zeros(5, np.uint8), "shape"),
        (np.zeros((2, 3, 3, 3), np.uint8), "shape"),
        (np.zeros((3, 20, 30), np.uint8), "move the channels to the end"),
        (np.zeros((4, 4, 5), np.uint8), "shape"),
        (np.zeros((0, 4, 3), np.uint8), "no pixels"),
        (np.zeros((4, 0), np.uint8), "no pixels"),
        (np.zeros((4, 4), np.int64), "int64; convert it to uint8"),
        (np.zeros((4, 4), np.complex64), "complex64"),
        (np.array([["a"]]), "dtype"),
        (np.full((4, 4), 1.01), "floats from 1.01 to 1.01"),
        (np.full((4, 4), -0.01), r"\[0, 1\]"),
        (np.full((4, 4), np.nan), "nan"),
        (np.full((4, 4), 255.0), "uint8"),
    ],
)
def test_unfit_arrays_are_refused(array: np.ndarray, match: str) -> None:
    refused(array, match)


@pytest.mark.parametrize("source", [None, 3, [[1, 2]], b"bytes"])
def test_other_things_are_no_images(source: object) -> None:
    refused(source, "a file name, a PIL image or an array")


def test_unknown_channel_orders_are_refused() -> None:
    with pytest.raises(ImageError, match="RGB"):
        load_image(COLOUR, image_format="GBR")


# --- files that cannot be used ------------------------------------------------------------------------


def test_missing_empty_foreign_and_folder(tmp_path: Path) -> None:
    refused(tmp_path / "no.png", r"no\.png does not exist")
    refused(tmp_path, "is a folder")
    (tmp_path / "empty.png").touch()
    refused(tmp_path / "empty.png", r"empty\.png is empty")
    (tmp_path / "text.png").write_text("not a picture at all")
    refused(tmp_path / "text.png", r"text\.png is not a picture")
    refused("a\0b.png", "cannot be opened")
    refused(tmp_path / ("n" * 5000), "cannot be opened")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = saved(tmp_path / "a.png", COLOUR)
    monkeypatch.setattr(Path, "open", forbidden)
    refused(path, "check its permissions")


@pytest.mark.parametrize("suffix", ["png", "jpg", "tiff", "bmp", "webp", "gif"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_files_that_are_cut_short(tmp_path: Path, suffix: str, part: float) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (60, 60, 3), dtype=np.uint8)
    whole = saved(tmp_path / f"a.{suffix}", noise).read_bytes()
    cut = tmp_path / f"cut.{suffix}"
    cut.write_bytes(whole[: int(len(whole) * part)])
    refused(cut, rf"cut\.{suffix} is (damaged or cut short|not a picture)")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(suffix=st.sampled_from(["png", "jpeg", "tiff", "gif", "bmp"]), data=st.data())
def test_a_damaged_file_gives_an_image_or_our_error(
    suffix: str, data: st.DataObject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_module, "PIXEL_LIMIT", 10**6)  # a damaged header may promise anything
    buffer = io.BytesIO()
    Image.fromarray(COLOUR).save(buffer, suffix)
    content = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    try:
        found = load_image(path)
    except SkipClickError as error:
        line = str(error)
    else:
        line = f"a.{suffix} is {found.shape}"
    assert "\n" not in line
    assert f"a.{suffix} " in line


def enormous_png(width: int, height: int) -> bytes:
    """A PNG whose header promises more than its content holds."""
    buffer = io.BytesIO()
    Image.fromarray(GREY).save(buffer, "png")
    content = bytearray(buffer.getvalue())
    content[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


@pytest.mark.parametrize("size", [(20001, 10000), (60000, 60000)])
def test_enormous_files_are_refused_before_they_are_decoded(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "huge.png").write_bytes(enormous_png(*size))
    started = time.perf_counter()
    refused(tmp_path / "huge.png", r"huge\.png has \d+ x \d+ pixels; scale it down to 200 megapixels")
    assert time.perf_counter() - started < 1


def test_the_largest_photos_are_not_refused_for_their_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    path = saved(tmp_path / "a.png", COLOUR)
    np.testing.assert_array_equal(load_image(path), COLOUR)
    assert Image.MAX_IMAGE_PIXELS == 10, "Pillow's limit is as it was"
    refused(tmp_path / "no.png", "does not exist")
    (tmp_path / "text.png").write_text("x")
    refused(tmp_path / "text.png", "not a picture")
    assert Image.MAX_IMAGE_PIXELS == 10


def test_the_limit_holds_for_pil_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_module, "PIXEL_LIMIT", 34)
    refused(Image.fromarray(COLOUR), "the PIL image has 5 x 7 pixels")
    monkeypatch.setattr(image_module, "PIXEL_LIMIT", 35)
    np.testing.assert_array_equal(load_image(Image.fromarray(COLOUR)), COLOUR)


def test_a_picture_without_pixels() -> None:
    refused(Image.new("RGB", (0, 5)), "no pixels")


# --- masks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.float32])
def test_any_value_but_zero_is_object(tmp_path: Path, dtype: type[np.generic]) -> None:
    labels = np.array([[0, 1, 2], [0, 200, 255]], dtype)
    found = load_mask(saved(tmp_path / "a.tiff", labels))
    assert found.dtype == np.bool_
    np.testing.assert_array_equal(found, labels != 0)


def test_one_bit_and_colour_masks(tmp_path: Path) -> None:
    mask = GREY > 100
    np.testing.assert_array_equal(load_mask(saved(tmp_path / "a.png", mask)), mask)
    blue = np.zeros((7, 5, 3), np.uint8)
    blue[..., 2] = mask
    np.testing.assert_array_equal(load_mask(saved(tmp_path / "b.png", blue)), mask)


def test_palette_masks_go_by_colour(tmp_path: Path) -> None:
    labels = Image.fromarray(np.array([[0, 1, 2]], np.uint8), "P")
    labels.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0])
    labels.save(tmp_path / "a.png")
    assert load_mask(tmp_path / "a.png").tolist() == [[False, True, True]]
    labels.putpalette([255, 255, 255, 0, 0, 0, 255, 255, 255])
    labels.save(tmp_path / "b.png")
    assert load_mask(tmp_path / "b.png").tolist() == [[True, False, True]]


def test_a_cutout_goes_by_its_transparency(tmp_path: Path) -> None:
    cutout = np.array([[[0, 0, 0, 255], [9, 9, 9, 127], [0, 0, 0, 128], [9, 9, 9, 0]]], np.uint8)
    assert load_mask(saved(tmp_path / "a.png", cutout)).tolist() == [[True, False, True, False]]
    cutout[..., 3] = 255
    assert load_mask(saved(tmp_path / "b.png", cutout)).tolist() == [[False, True, False, True]]


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_lossy_masks_are_cut_at_half_brightness(tmp_path: Path, suffix: str) -> None:
    mask = np.zeros((64, 64), bool)
    mask[10:50, 20:40] = True
    path = saved(tmp_path / f"a.{suffix}", mask.astype(np.uint8) * 255, quality=60)
    with Image.open(path) as picture:
        assert (np.asarray(picture.convert("L"))[~mask] > 0).any(), "the compression blurs black"
        np.testing.assert_array_equal(load_mask(picture), mask)
    np.testing.assert_array_equal(load_mask(path), mask)


# --- the network's size -------------------------------------------------------------------------------


def test_a_size_is_a_square_or_a_pair() -> None:
    assert network_size((300, 500), 448, 14) == (448, 448)
    assert network_size((300, 500), (448, 672), 14) == (448, 672)
    assert network_size((300, 500), np.int64(896), 16) == (896, 896)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shape", "side"),
    [
        ((100, 100), 448),
        ((375, 500), 448),
        ((671, 600), 448),
        ((480, 854), 672),
        ((672, 1), 672),
        ((895, 895), 672),
        ((896, 10), 896),
        ((6000, 8000), 896),
    ],
)
def test_auto_takes_the_largest_size_that_the_long_side_reaches(shape: tuple[int, int], side: int) -> None:
    assert network_size(shape, "auto", 14) == (side, side)
    assert network_size(shape, "auto", 16) == (side, side)


@settings(deadline=None)
@given(st.integers(1, 2000), st.integers(1, 2000), st.integers(1, 64))
def test_auto_always_suits_the_stride(height: int, width: int, stride: int) -> None:
    for side in network_size((height, width), "auto", stride):
        assert side > 0
        assert side % stride == 0


@pytest.mark.parametrize(
    ("size", "match"),
    [
        (450, "450 must be a multiple of the patch size 14: use 448 or 462"),
        ((448, 447), "447 .*: use 434 or 448"),
        (13, "use 14 or more"),
        (0, "use 14 or more"),
        (-14, "use 14 or more"),
        ("large", "auto"),
        ((448,), "height, width"),
        ((448, 448, 3), "height, width"),
        (448.0, "whole number"),
        (None, "whole number"),
    ],
)
def test_sizes_that_do_not_suit(size: object, match: str) -> None:
    with pytest.raises(ModelError, match=match):
        network_size((300, 500), size, 14)  # type: ignore[arg-type]


@settings(deadline=None)
@given(st.integers(1, 3000))
def test_the_sizes_that_are_named_are_accepted(side: int) -> None:
    try:
        network_size((300, 500), side, 14)
    except ModelError as error:
        offered = [int(word) for word in str(error).partition("use ")[2].split() if word.isdigit()]
        assert offered
        for other in offered:
            assert network_size((300, 500), other, 14) == (other, other)
            assert abs(other - side) <= 14


# --- to the network -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(5, 7), (14, 28), (3, 4), (1, 1)])
def test_an_image_goes_to_the_network_as_published(size: tuple[int, int]) -> None:
    found = to_network(COLOUR, size)
    assert found.dtype == np.float32
    assert found.shape == (3, *size)
    assert found.flags.c_contiguous
    for channel in range(3):
        want = resize_aligned(COLOUR[..., channel].astype(np.float64) / 255, size)
        np.testing.assert_allclose(found[channel], want, atol=3e-7)


def test_at_its_own_size_an_image_is_only_divided() -> None:
    want = (COLOUR.astype(np.float32) / np.float32(255)).transpose(2, 0, 1)
    np.testing.assert_array_equal(to_network(COLOUR, (7, 5)), want)


def test_float_images_are_taken_as_they_are() -> None:
    floats = COLOUR.astype(np.float32) / 255
    np.testing.assert_allclose(to_network(floats, (9, 9)), to_network(COLOUR, (9, 9)), atol=3e-7)
    found = to_network(floats, (7, 5))
    found[:] = 0
    assert floats.any(), "the result is no view of the image"


@pytest.mark.parametrize(
    "image",
    [
        GREY,
        COLOUR.astype(np.float64),
        COLOUR.transpose(2, 0, 1),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_other_arrays_do_not_reach_the_network(image: np.ndarray) -> None:
    with pytest.raises(ImageError, match="expected"):
        to_network(image, (14, 14))
