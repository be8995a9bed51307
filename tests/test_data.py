"""The photos of tests/data and the tool that makes their masks."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
NAMES = ("astronaut", "chelsea", "coffee", "rocket")


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_test_masks", ROOT / "tools" / "make_test_masks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_all_four_photos_are_there(photos: Mapping[str, Any]) -> None:
    assert tuple(photos) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_mask_is_what_its_outline_says(name: str, photos: Mapping[str, Any], tool: ModuleType) -> None:
    photo = photos[name]
    height, width = photo.image.shape[:2]
    assert photo.mask.shape == (height, width)
    np.testing.assert_array_equal(photo.mask, tool.fill(tool.OUTLINES[name], width, height))


@pytest.mark.parametrize("name", NAMES)
def test_every_photo_and_mask_has_its_source_stated(name: str) -> None:
    sources = (ROOT / "tests" / "data" / "SOURCES.md").read_text(encoding="utf-8")
    assert f"`{name}.jpg`" in sources
    assert f"`{name}.png`" in sources


def test_a_square_is_filled_to_the_pixel(tool: ModuleType) -> None:
    mask = tool.fill([(1.5, 0.5), (4.5, 0.5), (4.5, 2.5), (1.5, 2.5)], 7, 5)
    expected = np.zeros((5, 7), bool)
    expected[1:3, 2:5] = True
    np.testing.assert_array_equal(mask, expected)


def test_a_pixel_covered_by_less_than_half_stays_background(tool: ModuleType) -> None:
    mask = tool.fill([(0.5, 0.5), (1.8, 0.5), (1.8, 1.5), (0.5, 1.5)], 4, 3)
    assert mask[1, 1]
    assert not mask[1, 2]
