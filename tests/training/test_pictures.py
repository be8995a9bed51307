"""The picture of a step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from skipclick.overlay import MASK, NEGATIVE, POSITIVE
from skipclick.training.pictures import write_step_picture


def test_points_truth_and_answer_stand_side_by_side(tmp_path: Path) -> None:
    image = np.full((3, 60, 80), 0.5, np.float32)
    points = np.full((48, 3), -1, np.float32)
    points[0], points[24] = (15, 20, 100), (45, 60, 100)
    truth = np.zeros((60, 80), np.float32)
    truth[10:30, 10:40], truth[50:] = 1, -1
    previous, answer = np.zeros((2, 60, 80), np.float32)
    answer[40:, :20] = 0.9
    file = tmp_path / "000300.png"
    write_step_picture(file, image, points, truth, previous, answer)
    with Image.open(file) as opened:
        picture = np.asarray(opened)
    assert picture.shape == (60, 3 * 80 + 2 * 6, 3)
    given, right, said = (picture[:, at : at + 80] for at in (0, 86, 172))
    # Beside the white sign in the middle of a click lies its colour.
    assert given[17, 23].tolist() == list(POSITIVE)
    assert given[48, 63].tolist() == list(NEGATIVE)
    assert right[10, 10].tolist() == list(MASK)
    assert right[20, 70].tolist() == [128, 128, 128]
    assert (said[0, 0] == [128, 128, 128]).all()
    assert said[40, 0].tolist() != [128, 128, 128]
    assert (picture[:, 80:86] == 255).all()
    assert [path.name for path in tmp_path.iterdir()] == ["000300.png"]


def test_ignored_pixels_are_grey_and_the_previous_mask_is_shown(tmp_path: Path) -> None:
    image = np.zeros((3, 30, 30), np.float32)
    truth = np.full((30, 30), -1, np.float32)
    previous = np.zeros((30, 30), np.float32)
    previous[:10] = 0.8
    file = tmp_path / "x.png"
    write_step_picture(file, image, np.full((48, 3), -1, np.float32), truth, previous, previous)
    with Image.open(file) as opened:
        picture = np.asarray(opened)
    assert picture[2, 2].tolist() != [0, 0, 0]
    assert picture[20, 2].tolist() == [0, 0, 0]
    assert picture[20, 40].tolist() == [64, 64, 64]
