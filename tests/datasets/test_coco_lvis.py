from __future__ import annotations

from pathlib import Path

import pytest

from skipclick.datasets.coco_lvis import ANNOTATIONS, SPLITS, fingerprint_split, list_split
from skipclick.errors import DatasetError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for split in SPLITS:
        for kind, suffix in (("images", "jpg"), ("masks", "pickle")):
            (tmp_path / split / kind).mkdir(parents=True)
            for name in ("000000000009", "000000000025"):
                (tmp_path / split / kind / f"{name}.{suffix}").write_text(f"{kind} of {name}")
        (tmp_path / split / ANNOTATIONS).write_text("the list")
    return tmp_path


def test_what_is_there(root: Path) -> None:
    split = list_split(root, "train")
    assert split.images == split.masks == ("000000000009", "000000000025")
    assert split.whole
    assert split.lacking == []


def test_nothing_is_there(tmp_path: Path) -> None:
    split = list_split(tmp_path, "val")
    assert (split.images, split.masks, split.annotated, split.whole) == ((), (), False, False)


@pytest.mark.parametrize("file", [ANNOTATIONS, "images/000000000009.jpg"])
def test_what_is_missing_makes_it_useless(root: Path, file: str) -> None:
    (root / "train" / file).unlink()
    split = list_split(root, "train")
    assert not split.whole
    assert split.annotated == (file != ANNOTATIONS)
    assert split.lacking == ([] if split.annotated is False else ["000000000009"])
    assert list_split(root, "val").whole


class TestFingerprint:
    def of(self, root: Path) -> str:
        return fingerprint_split(list_split(root, "train"))

    def test_it_is_of_the_annotations(self, root: Path) -> None:
        before = self.of(root)
        (root / "train" / "images" / "000000000009.jpg").write_text("compressed again")
        (root / "train" / "masks" / "notes.txt").write_text("mine")
        assert self.of(root) == before == fingerprint_split(list_split(root, "val"))

    @pytest.mark.parametrize("file", [ANNOTATIONS, "masks/000000000025.pickle"])
    def test_every_byte_counts(self, root: Path, file: str) -> None:
        before = self.of(root)
        (root / "train" / file).write_text("another")
        assert self.of(root) != before

    def test_so_do_names_and_numbers(self, root: Path) -> None:
        found = {self.of(root)}
        masks = root / "train" / "masks"
        (masks / "000000000025.pickle").rename(masks / "000000000026.pickle")
        found.add(self.of(root))
        (masks / "000000000026.pickle").unlink()
        found.add(self.of(root))
        assert len(found) == 3

    def test_progress_and_missing_files(self, root: Path) -> None:
        told: list[int] = []
        split = list_split(root, "train")
        fingerprint_split(split, progress=told.append)
        assert told == [0, 1, 2]
        (root / "train" / ANNOTATIONS).unlink()
        with pytest.raises(DatasetError, match=r"hannotation\.pickle cannot be read"):
            fingerprint_split(split)
