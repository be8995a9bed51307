"""By what data is known again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from skipclick.datasets import Sample
from skipclick.errors import DatasetError
from skipclick.training.contents import MARK, files_digest, marked, names_digest, sizes_digest, views_digest
from skipclick.training.sample import LabelledObject, TrainingSample


def sample(name: str, image: Path) -> Sample:
    return Sample(name, image, image, lambda path: ())


def view() -> TrainingSample:
    image = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)
    layers = np.zeros((4, 5, 1), np.uint8)
    layers[1:3, 1:3] = 1
    return TrainingSample(image, layers, {0: LabelledObject(0, 1)})


def test_hashes_are_short_and_marked() -> None:
    assert marked("0123456789abcdef" * 4) == "sha256:0123456789abcdef"
    assert names_digest([]).startswith(MARK)


def test_names_do_not_run_into_one_another() -> None:
    assert names_digest(["a", "b"]) == names_digest(iter(["a", "b"]))
    assert len({names_digest(names) for names in (["a", "b"], ["b", "a"], ["ab"], ["a"], [])}) == 5


def test_files_are_known_by_their_contents_and_order(tmp_path: Path) -> None:
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    one.write_bytes(b"abc")
    two.write_bytes(b"de")
    three.write_bytes(b"abc")
    assert files_digest([one, two]) == files_digest([three, two])
    assert files_digest([one, one, two]) == files_digest([one, two])
    two.write_bytes(b"dE")
    assert len({files_digest(files) for files in ([one, two], [two, one], [three], [])}) == 4
    before = files_digest([one, two])
    two.write_bytes(b"de")
    assert files_digest([one, two]) != before
    with pytest.raises(DatasetError, match=r"gone\.png cannot be read: No such file"):
        files_digest([tmp_path / "gone.png"])


def test_contents_do_not_run_into_one_another(tmp_path: Path) -> None:
    files = [tmp_path / name for name in "abcd"]
    for file, content in zip(files, (b"ab", b"c", b"a", b"bc"), strict=True):
        file.write_bytes(content)
    assert files_digest(files[:2]) != files_digest(files[2:])


def test_sizes_of_images(tmp_path: Path) -> None:
    image = tmp_path / "a.png"
    image.write_bytes(b"12345")
    before = sizes_digest([sample("a", image)])
    image.write_bytes(b"54321")
    assert sizes_digest([sample("b", image)]) == before
    image.write_bytes(b"123456")
    assert sizes_digest([sample("a", image)]) != before
    image.unlink()
    with pytest.raises(DatasetError, match=r"a\.png cannot be read"):
        sizes_digest([sample("a", image)])


def test_views_are_known_by_pixels_and_objects() -> None:
    before = views_digest([view()])
    assert views_digest([view()]) == before

    brighter = replace(view(), image=view().image + 1)
    assert views_digest([brighter])["images"] != before["images"]
    assert views_digest([brighter])["masks"] == before["masks"]

    layers = view().layers.copy()
    layers[0, 0] = 1
    for change in (
        {"layers": layers},
        {"objects": {}},
        {"objects": {0: LabelledObject(0, 2)}},
        {"ignored": (0, 3)},
    ):
        changed = views_digest([replace(view(), **change)])  # type: ignore[arg-type]
        assert changed["masks"] != before["masks"]
        assert changed["images"] == before["images"]


def test_the_shape_of_an_image_counts() -> None:
    turned = replace(view(), image=view().image.reshape(5, 4, 3))
    assert views_digest([turned])["images"] != views_digest([view()])["images"]
