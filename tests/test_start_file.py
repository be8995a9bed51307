"""Pictures to start from: masks, probabilities, and what could be either."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from skipclick.errors import ImageError
from skipclick.image import load_mask
from skipclick.session import Session
from skipclick.start_file import load_start

SOFT = np.array([[0, 1, 60], [127, 128, 255]], np.uint8)
MASK = np.array([[0, 255, 0], [255, 255, 0]], np.uint8)


def saved(path: Path, array: np.ndarray, **options: object) -> Path:
    Image.fromarray(array).save(path, **options)
    return path


def refused(path: Path, match: str, kind: str = "auto") -> None:
    with pytest.raises(ImageError, match=match) as caught:
        load_start(path, kind)  # type: ignore[arg-type]
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", [1, 37, 127, 255])
def test_black_and_one_shade_are_a_mask(tmp_path: Path, value: int) -> None:
    path = saved(tmp_path / "m.png", (MASK > 0).astype(np.uint8) * np.uint8(value))
    found = load_start(path)
    assert found.dtype == np.bool_
    np.testing.assert_array_equal(found, MASK > 0)


@pytest.mark.parametrize("value", [0, 9, 255])
def test_one_shade_alone_is_a_mask(tmp_path: Path, value: int) -> None:
    found = load_start(saved(tmp_path / "m.png", np.full((2, 3), value, np.uint8)))
    assert found.dtype == np.bool_
    assert found.all() == found.any() == (value > 0)


def test_several_shades_are_not_guessed_at(tmp_path: Path) -> None:
    refused(saved(tmp_path / "p.png", SOFT), "5 shades of grey: say --start-kind probability .*kind mask")
    # Labels of several objects, antialiased edges and few but certain numbers can be either as well.
    for name, values in (("labels", [0, 1, 2]), ("edges", [0, 90, 255]), ("certain", [1, 254])):
        refused(saved(tmp_path / f"{name}.png", np.array([values], np.uint8)), "2 shades")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_probability_is_grey_over_white(tmp_path: Path, dtype: type[np.unsignedinteger]) -> None:
    white = np.iinfo(dtype).max
    grey = (SOFT.astype(np.float64) / 255 * white).astype(dtype)
    path = saved(tmp_path / "p.png", grey)
    found = load_start(path, "probability")
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, grey / white, atol=1e-7)
    assert (found.min(), found.max()) == (0, 1)
    refused(path, "shades")


def test_a_float_picture_is_a_probability_as_it_is(tmp_path: Path) -> None:
    values = np.array([[0.0, 0.25, 1.0]], np.float32)
    np.testing.assert_array_equal(load_start(saved(tmp_path / "p.tiff", values), "probability"), values)
    refused(saved(tmp_path / "logits.tiff", 9 * values - 4), "no probability", "probability")


def test_grey_that_was_saved_in_colour_is_grey(tmp_path: Path) -> None:
    path = saved(tmp_path / "p.png", np.repeat(SOFT[..., None], 3, axis=2))
    np.testing.assert_array_equal(load_start(path, "probability"), SOFT.astype(np.float32) / np.float32(255))
    refused(path, "shades")


def test_what_is_asked_for_is_done(tmp_path: Path) -> None:
    path = saved(tmp_path / "p.png", SOFT)
    np.testing.assert_array_equal(load_start(path, "mask"), SOFT > 0)
    path = saved(tmp_path / "m.png", MASK)
    np.testing.assert_array_equal(load_start(path, "probability"), (MASK > 0).astype(np.float32))


def test_colour_and_transparency_are_masks_and_no_probabilities(tmp_path: Path) -> None:
    colour = np.zeros((2, 3, 3), np.uint8)
    colour[0, :, 2], colour[1, :, 0] = (10, 0, 200), (0, 90, 30)
    cutout = np.dstack(
        [np.repeat(SOFT[..., None], 3, axis=2), np.array([[0, 40, 127], [128, 200, 255]], "u1")]
    )
    for name, array in (("colour", colour), ("cutout", cutout)):
        path = saved(tmp_path / f"{name}.png", array)
        np.testing.assert_array_equal(load_start(path), load_mask(path))
        assert load_start(path).dtype == np.bool_
        refused(path, "no probability: that is a grey picture without transparency", "probability")


def test_a_palette_of_greys_is_grey(tmp_path: Path) -> None:
    picture = Image.fromarray(np.array([[0, 1, 2]], np.uint8), "P")
    picture.putpalette([0, 0, 0, 51, 51, 51, 255, 255, 255])
    picture.save(tmp_path / "p.png")
    np.testing.assert_allclose(load_start(tmp_path / "p.png", "probability"), [[0, 0.2, 1]], atol=1e-7)
    refused(tmp_path / "p.png", "2 shades")


def test_lossy_masks_are_cut_at_half_brightness_as_ever(tmp_path: Path) -> None:
    soft = np.kron(np.linspace(0, 255, 8), np.ones((32, 16))).astype(np.uint8)
    path = saved(tmp_path / "m.jpg", soft, quality=90)
    np.testing.assert_array_equal(load_start(path), load_mask(path))
    np.testing.assert_allclose(load_start(path, "probability"), soft / 255, atol=0.05)


def test_turned_upright_like_the_photo(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = saved(tmp_path / "p.png", SOFT, exif=exif)
    expected = np.rot90(SOFT, -1).astype(np.float32) / np.float32(255)
    np.testing.assert_array_equal(load_start(path, "probability"), expected)
    assert load_start(path, "mask").shape == (3, 2)


def test_other_words_and_missing_files(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"not 'logits'"):
        load_start(tmp_path / "p.png", "logits")  # type: ignore[arg-type]
    for kind in ("auto", "mask", "probability"):
        refused(tmp_path / "no.png", "does not exist", kind)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.integers(0, 255), min_size=1, max_size=12))
def test_only_what_has_one_meaning_is_taken_without_a_word(tmp_path: Path, values: list[int]) -> None:
    path = saved(tmp_path / "any.png", np.array([values], np.uint8))
    if len(set(values) - {0}) > 1:
        refused(path, "shades of grey")
    else:
        np.testing.assert_array_equal(load_start(path), np.array([values]) > 0)


def test_a_session_takes_it_as_what_it_is(tmp_path: Path, disk_model: object) -> None:
    photo = np.zeros((40, 60, 3), np.uint8)
    soft = np.zeros((40, 60), np.uint8)
    soft[:20], soft[20:, :30] = 200, 100
    path = saved(tmp_path / "p.png", soft)
    for kind, expected in (("probability", soft > 127), ("mask", soft > 0)):
        session = Session(disk_model, photo, start=load_start(path, kind))  # type: ignore[arg-type]
        np.testing.assert_array_equal(session.mask, expected)
