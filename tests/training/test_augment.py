"""Augmentation: every step as specification 6.2 states it, and their frequencies."""

from __future__ import annotations

from dataclasses import asdict, replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from skipclick.training.augment import (
    TRAINING,
    VALIDATION,
    Augmentation,
    augment,
    change_tone,
    pad,
    resize_image,
    resize_labels,
    shift_channels,
)

SMALL = replace(TRAINING, size=(32, 32))
GEOMETRY = replace(SMALL, tone=0.0, colour=0.0)


def noise(height: int, width: int, channels: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)


def test_the_published_values() -> None:
    assert asdict(TRAINING) == {
        "size": (448, 448),
        "scale": (0.75, 1.40),
        "flip": 0.5,
        "tone": 0.75,
        "contrast": (-0.15, 0.40),
        "brightness": (-0.25, 0.25),
        "colour": 0.75,
        "shift": 10.0,
    }


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_the_result_has_its_size_and_the_input_is_left_alone(
    height: int, width: int, layers: int, seed: int
) -> None:
    image, labels = noise(height, width, 3), noise(height, width, layers)
    image_before, labels_before = image.copy(), labels.copy()
    varied, varied_labels = augment(image, labels, SMALL, np.random.default_rng(seed))
    assert varied.shape == (32, 32, 3)
    assert varied_labels.shape == (32, 32, layers)
    assert varied.dtype == varied_labels.dtype == np.uint8
    assert set(np.unique(varied_labels)) <= {0, *np.unique(labels).tolist()}
    np.testing.assert_array_equal(image, image_before)
    np.testing.assert_array_equal(labels, labels_before)
    assert not np.shares_memory(varied, image)
    assert not np.shares_memory(varied_labels, labels)


def test_the_same_generator_gives_the_same_result() -> None:
    image, labels = noise(40, 50, 3), noise(40, 50, 2)
    first = augment(image, labels, SMALL, np.random.default_rng(5))
    second = augment(image, labels, SMALL, np.random.default_rng(5))
    other = augment(image, labels, SMALL, np.random.default_rng(6))
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])
    assert (first[0] != other[0]).any()


def test_labels_follow_the_image() -> None:
    """A picture that is its own label map, and large enough fields for bilinear edges not to matter."""
    fields = np.kron(np.arange(1, 17, dtype=np.uint8).reshape(4, 4) * 15, np.ones((12, 12), np.uint8))
    image, labels = np.repeat(fields[..., None], 3, axis=2), fields[..., None]
    for seed in range(60):
        varied, varied_labels = augment(image, labels, GEOMETRY, np.random.default_rng(seed))
        assert (varied[..., 0] == varied_labels[..., 0]).mean() > 0.6
        np.testing.assert_array_equal(varied[..., 0] > 0, varied_labels[..., 0] > 0)


def test_scale_spans_its_range() -> None:
    """The size of a small image in black surroundings tells the factor."""
    labels = np.ones((100, 100, 1), np.uint8)
    large = replace(GEOMETRY, size=(160, 160))
    generator = np.random.default_rng(1)
    sides = []
    for _ in range(400):
        varied = augment(np.zeros((100, 100, 3), np.uint8), labels, large, generator)[1][..., 0]
        rows, columns = varied.any(axis=1).sum(), varied.any(axis=0).sum()
        assert rows == columns
        sides.append(rows)
    assert min(sides) in (75, 76)
    assert max(sides) in (139, 140)
    counts = np.histogram(sides, bins=5, range=(75, 140))[0]
    assert ((counts - 80) ** 2 / 80).sum() < 18.5  # chi-square with 4 degrees of freedom, 0.1 %


def test_scaled_sizes_are_rounded() -> None:
    labels = np.ones((11, 15, 1), np.uint8)
    for factor, rows, columns in [(1.14, 13, 17), (0.77, 8, 12), (1.0, 11, 15), (1.5, 16, 22)]:
        fixed = replace(GEOMETRY, scale=(factor, factor))
        varied = augment(np.zeros((11, 15, 3), np.uint8), labels, fixed, np.random.default_rng(0))[1]
        assert varied.any(axis=(1, 2)).sum() == rows
        assert varied.any(axis=(0, 2)).sum() == columns


def test_images_are_resized_by_opencv_and_not_at_all_without_need() -> None:
    image = noise(20, 30, 3)
    expected = cv2.resize(image, (41, 27), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_array_equal(resize_image(image, (27, 41)), expected)
    assert resize_image(image, (20, 30)) is image
    assert resize_labels(image, (20, 30)) is image


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 60), st.integers(1, 60))
def test_labels_are_resized_by_the_rule_of_the_nearest(
    height: int, width: int, new_height: int, new_width: int
) -> None:
    labels = noise(height, width, 2)
    resized = resize_labels(labels, (new_height, new_width))
    for i in range(new_height):
        for j in (0, new_width // 2, new_width - 1):
            expected = labels[i * height // new_height, j * width // new_width]
            np.testing.assert_array_equal(resized[i, j], expected)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([(64, 48), (30, 60), (128, 96)]), st.integers(0, 1000))
def test_opencv_agrees_about_the_nearest_where_the_factor_is_exact(size: tuple[int, int], seed: int) -> None:
    labels = noise(size[0], size[1], 1, seed)
    for new in ((size[0] // 2, size[1] // 2), (size[0] * 2, size[1] * 4)):
        expected = cv2.resize(labels, (new[1], new[0]), interpolation=cv2.INTER_NEAREST)
        np.testing.assert_array_equal(resize_labels(labels, new)[..., 0], expected.reshape(new))


@pytest.mark.parametrize(
    ("size", "rows", "columns"),
    [((5, 6), (1, 1), (1, 2)), ((3, 3), (0, 0), (0, 0)), ((6, 3), (1, 2), (0, 0)), ((2, 9), (0, 0), (3, 3))],
)
def test_padding_is_centred_black_and_puts_the_rest_last(
    size: tuple[int, int], rows: tuple[int, int], columns: tuple[int, int]
) -> None:
    array = np.full((3, 3, 2), 9, np.uint8)
    padded = pad(array, size)
    assert padded.shape == (3 + sum(rows), 3 + sum(columns), 2)
    expected = np.zeros_like(padded)
    expected[rows[0] : rows[0] + 3, columns[0] : columns[0] + 3] = 9
    np.testing.assert_array_equal(padded, expected)


def test_every_crop_is_as_likely_as_any_other() -> None:
    """Offsets 0 to 4 down and 0 to 3 across, the last ones included."""
    height, width = 36, 35
    places = np.arange(height * width).reshape(height, width)
    labels = np.stack([places // width, places % width], axis=2).astype(np.uint8)
    image = np.zeros((height, width, 3), np.uint8)
    crop_only = replace(VALIDATION, size=(32, 32))
    generator = np.random.default_rng(3)
    counts = np.zeros((5, 4))
    for _ in range(2000):
        cropped = augment(image, labels, crop_only, generator)[1]
        top, left = cropped[0, 0]
        counts[top, left] += 1
        np.testing.assert_array_equal(cropped, labels[top : top + 32, left : left + 32])
    assert ((counts - 100) ** 2 / 100).sum() < 43.8  # chi-square, 19 degrees of freedom, 0.1 %


def test_half_of_all_are_mirrored() -> None:
    labels = np.arange(32 * 32, dtype=np.uint16).astype(np.uint8).reshape(32, 32, 1)
    image = np.repeat(labels, 3, axis=2)
    still = replace(GEOMETRY, scale=(1.0, 1.0))
    generator = np.random.default_rng(4)
    mirrored = 0
    for _ in range(1000):
        varied, varied_labels = augment(image, labels, still, generator)
        np.testing.assert_array_equal(varied[..., :1], varied_labels)
        if varied_labels[0, 0, 0] == labels[0, -1, 0]:
            mirrored += 1
            np.testing.assert_array_equal(varied_labels, labels[:, ::-1])
        else:
            np.testing.assert_array_equal(varied_labels, labels)
    assert abs(mirrored - 500) < 3.3 * np.sqrt(250)


def test_tone_by_hand() -> None:
    ramp = np.array([0, 1, 100, 200, 255], np.uint8).reshape(1, 5, 1).repeat(3, axis=2)
    # 1.2 v + 25.5, truncated: 25.5, 26.7, 145.5, 265.5, 331.5.
    assert change_tone(ramp, 1.2, 0.1)[0, :, 0].tolist() == [25, 26, 145, 255, 255]
    # 0.9 v - 51: -51, -50.1, 39, 129, 178.5.
    assert change_tone(ramp, 0.9, -0.2)[0, :, 2].tolist() == [0, 0, 39, 129, 178]
    np.testing.assert_array_equal(change_tone(ramp, 1.0, 0.0), ramp)


def test_shift_by_hand() -> None:
    grey = np.array([0, 100, 250], np.uint8).reshape(1, 3, 1).repeat(3, axis=2)
    shifted = shift_channels(grey, np.array([9.9, -0.1, -7.5]))
    assert shifted[0, :, 0].tolist() == [9, 109, 255]
    assert shifted[0, :, 1].tolist() == [0, 99, 249]
    assert shifted[0, :, 2].tolist() == [0, 92, 242]
    assert shifted.dtype == np.uint8


def grey_results(augmentation: Augmentation, draws: int, seed: int) -> NDArray[np.int64]:
    """What becomes of grey 100 in the three channels."""
    image, labels = np.full((2, 2, 3), 100, np.uint8), np.zeros((2, 2, 1), np.uint8)
    small = replace(augmentation, size=(2, 2), scale=(1.0, 1.0))
    generator = np.random.default_rng(seed)
    return np.array([augment(image, labels, small, generator)[0][0, 0] for _ in range(draws)], dtype=np.int64)


def test_tone_changes_all_channels_alike_in_three_of_four_images() -> None:
    results = grey_results(replace(TRAINING, colour=0.0), 2000, 7)
    assert (results == results[:, :1]).all()
    # With certainty within 0.85·100 - 63.75 and 1.4·100 + 63.75; on average 112.5.
    assert results.min() >= 21
    assert results.max() <= 203
    assert results.min() < 35
    assert results.max() > 190
    changed = (results[:, 0] != 100).mean()
    assert abs(changed - 0.75) < 0.04
    assert abs(results[results[:, 0] != 100, 0].mean() - 112) < 4


def test_shifts_are_drawn_for_each_channel_in_three_of_four_images() -> None:
    results = grey_results(replace(TRAINING, tone=0.0), 2000, 8)
    assert results.min() == 90
    assert results.max() == 109  # 100 + U(-10, 10), truncated
    assert abs((results != 100).any(axis=1).mean() - 0.75) < 0.04
    shifted = results[(results != 100).any(axis=1)]
    assert np.abs(np.corrcoef(shifted.T) - np.eye(3)).max() < 0.1
    assert abs(shifted.mean() - 99.5) < 0.5


def test_validation_only_pads_and_crops() -> None:
    image, labels = noise(20, 50, 3), noise(20, 50, 1)
    small = replace(VALIDATION, size=(32, 32))
    for seed in range(20):
        varied, varied_labels = augment(image, labels, small, np.random.default_rng(seed))
        assert not varied[:6].any()
        assert not varied[26:].any()
        starts = [
            left
            for left in range(19)
            if np.array_equal(varied[6:26], image[:, left : left + 32])
            and np.array_equal(varied_labels[6:26], labels[:, left : left + 32])
        ]
        assert len(starts) == 1
