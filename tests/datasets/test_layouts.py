"""Every data set in its published layout, with masks of every kind and what goes wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from skipclick.datasets import DATASETS, LoadedSample, open_dataset
from skipclick.datasets.hqseg import PARTS
from skipclick.datasets.wseseg import WSESEG_CLASSES, DatasetWarning
from skipclick.errors import DatasetError

SHAPE = (2, 3)
OBJECT = np.array([[0, 1, 1], [0, 0, 1]], np.uint8)


class Pair(NamedTuple):
    """Where an image and its mask lie, `{}` standing for the name."""

    image: str
    mask: str


ONE_OBJECT = {
    "GrabCut": Pair("data_GT/{}.jpg", "boundary_GT/{}.bmp"),
    "Berkeley": Pair("images/{}.jpg", "masks/{}.png"),
    "DAVIS": Pair("img/{}.jpg", "gt/{}.png"),
    "COCO_MVal": Pair("img/{}.jpg", "gt/{}.png"),
    "Folder": Pair("images/{}.jpg", "masks/{}.png"),
    **{
        f"HQSeg_{name}": Pair(f"{part.images}/{{}}.jpg", f"{part.masks}/{{}}.png")
        for name, part in PARTS.items()
    },
}
LABELLED = {
    "SHSeg": Pair("{}.jpg", "mask_{}.png"),
    **{
        f"WSESeg_{name}": Pair(f"{folder}/{{}}.jpg", f"{folder}/mask_{{}}.png")
        for name, folder in WSESEG_CLASSES.items()
    },
}
LISTED = {
    "SBD": ("val.txt", Pair("img/{}.jpg", "inst/{}.mat")),
    "SBD_train": ("train.txt", Pair("img/{}.jpg", "inst/{}.mat")),
    "PascalVOC": (
        "ImageSets/Segmentation/val.txt",
        Pair("JPEGImages/{}.jpg", "SegmentationObject/{}.png"),
    ),
}


def grey(values: np.ndarray) -> Image.Image:
    return Image.fromarray(values * np.uint8(255))


def palette(values: np.ndarray) -> Image.Image:
    picture = Image.fromarray(values.astype(np.uint8))
    picture.putpalette([0, 0, 0, 255, 255, 255])
    return picture


KINDS: dict[str, Callable[[np.ndarray], Image.Image]] = {
    "grey": grey,
    "black and white": lambda values: Image.fromarray(values.astype(bool)),
    "palette": palette,
    "colour": lambda values: grey(values).convert("RGB"),
    "grey of 16 bits": lambda values: Image.fromarray(values.astype(np.uint16) * np.uint16(65535)),
}


def put(root: Path, path: str, picture: Image.Image) -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    picture.save(file)
    return file


def build(root: Path, pair: Pair, mask: Image.Image, name: str = "x") -> None:
    put(root, pair.image.format(name), Image.new("RGB", SHAPE[::-1]))
    file = pair.mask.format(name)
    # BMP knows no 16 bits; readers look at names only up to the dot.
    put(root, file if mask.mode != "I;16" else str(Path(file).with_suffix(".png")), mask)


def load(name: str, root: Path) -> LoadedSample:
    (sample,) = open_dataset(name, root).samples
    return sample.load()


def truth(name: str, root: Path) -> list[list[int]]:
    (target,) = load(name, root).objects
    return target.truth.tolist()


def test_no_data_set_is_forgotten() -> None:
    in_other_files = {"HQSeg", "HQSeg_train", "COCO", "COCO_LVIS", "COCO_LVIS_train"}
    assert {*ONE_OBJECT, *LABELLED, *LISTED, *in_other_files} == set(DATASETS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ONE_OBJECT)
class TestOneObject:
    def test_masks_of_every_kind(self, tmp_path: Path, name: str, kind: str) -> None:
        build(tmp_path, ONE_OBJECT[name], KINDS[kind](OBJECT))
        assert truth(name, tmp_path) == OBJECT.tolist()

    def test_an_object_that_fills_its_image(self, tmp_path: Path, name: str, kind: str) -> None:
        build(tmp_path, ONE_OBJECT[name], KINDS[kind](np.ones_like(OBJECT)))
        assert truth(name, tmp_path) == [[1, 1, 1], [1, 1, 1]]

    def test_an_empty_mask(self, tmp_path: Path, name: str, kind: str) -> None:
        build(tmp_path, ONE_OBJECT[name], KINDS[kind](np.zeros_like(OBJECT)))
        with pytest.raises(DatasetError, match="has no pixel for object 1: remove the mask and its image"):
            load(name, tmp_path)


@pytest.mark.parametrize("name", ONE_OBJECT)
class TestPairs:
    def test_a_missing_mask(self, tmp_path: Path, name: str) -> None:
        for sample in ("x", "y"):
            build(tmp_path, ONE_OBJECT[name], grey(OBJECT), sample)
        (tmp_path / ONE_OBJECT[name].mask.format("y")).unlink()
        with pytest.raises(DatasetError, match=r"no mask for y\.jpg|there is no .*y\.png"):
            open_dataset(name, tmp_path)

    def test_a_missing_image(self, tmp_path: Path, name: str) -> None:
        for sample in ("x", "y"):
            build(tmp_path, ONE_OBJECT[name], grey(OBJECT), sample)
        (tmp_path / ONE_OBJECT[name].image.format("y")).unlink()
        assert len(open_dataset(name, tmp_path).samples) == 1

    def test_a_mask_of_another_size(self, tmp_path: Path, name: str) -> None:
        build(tmp_path, ONE_OBJECT[name], grey(OBJECT.T))
        with pytest.raises(DatasetError, match=r"is 2 x 3 pixels .* but its image x\.jpg is 3 x 2"):
            load(name, tmp_path)

    def test_what_windows_leaves_in_folders(self, tmp_path: Path, name: str) -> None:
        build(tmp_path, ONE_OBJECT[name], grey(OBJECT))
        for path in ONE_OBJECT[name]:
            for file in ("Thumbs.db", "desktop.ini"):
                (tmp_path / path).with_name(file).write_bytes(b"x")
        assert truth(name, tmp_path) == OBJECT.tolist()


@pytest.mark.parametrize("name", [name for name in ONE_OBJECT if name != "Folder"])
def test_faint_masks_of_16_bits_are_lost_as_in_published_evaluations(tmp_path: Path, name: str) -> None:
    """OpenCV keeps the upper byte; our own reader of folders does not lose them."""
    mask = Image.fromarray(OBJECT.astype(np.uint16) * np.uint16(255))
    build(tmp_path, ONE_OBJECT[name], mask)
    with pytest.raises(DatasetError, match="has no pixel for object 1"):
        load(name, tmp_path)
    build(tmp_path / "own", ONE_OBJECT["Folder"], mask)
    assert truth("Folder", tmp_path / "own") == OBJECT.tolist()


@pytest.mark.parametrize("name", ["GrabCut", "Berkeley"])
@pytest.mark.parametrize("convert", ["L", "P", "RGB"])
def test_ignored_surroundings_in_masks_of_every_kind(tmp_path: Path, name: str, convert: str) -> None:
    values = np.array([[0, 128, 255], [64, 127, 129]], np.uint8)
    build(tmp_path, ONE_OBJECT[name], Image.fromarray(values).convert(convert))
    assert truth(name, tmp_path) == [[0, -1, 1], [0, 0, 1]]


@pytest.mark.parametrize("name", ["GrabCut", "Berkeley", "DAVIS", "COCO_MVal", "Folder"])
@pytest.mark.parametrize("suffix", ["png", "PNG", "bmp", "BMP", "tif"])
def test_masks_may_be_files_of_any_kind(tmp_path: Path, name: str, suffix: str) -> None:
    pair = ONE_OBJECT[name]
    build(tmp_path, Pair(pair.image, f"{pair.mask.rpartition('.')[0]}.{suffix}"), grey(OBJECT))
    assert truth(name, tmp_path) == OBJECT.tolist()


@pytest.mark.parametrize("name", LABELLED)
class TestLabelled:
    labels = np.array([[0, 1, 2], [0, 7, 2]], np.uint8)

    @pytest.mark.parametrize("kind", ["grey", "palette", "16 bits"])
    def test_maps_of_every_kind(self, tmp_path: Path, name: str, kind: str) -> None:
        picture = Image.fromarray(self.labels if kind != "16 bits" else self.labels.astype(np.uint16))
        if kind == "palette":
            picture.putpalette([0, 0, 0] * 8)
        build(tmp_path, LABELLED[name], picture)
        found = {target.id: target.truth.tolist() for target in load(name, tmp_path).objects}
        assert found == {
            1: [[0, 1, 0], [0, 0, 0]],
            2: [[0, 0, 1], [0, 0, 1]],
            7: [[0, 0, 0], [0, 1, 0]],
        }

    def test_more_than_255_objects(self, tmp_path: Path, name: str) -> None:
        labels = np.array([[0, 256, 60000], [0, 256, 60000]], np.uint16)
        build(tmp_path, LABELLED[name], Image.fromarray(labels))
        assert [target.id for target in load(name, tmp_path).objects] == [256, 60000]

    def test_without_background_an_object_is_lost(self, tmp_path: Path, name: str) -> None:
        build(tmp_path, LABELLED[name], Image.fromarray(self.labels + 1))
        with pytest.warns(DatasetWarning, match="no pixel of label 0, so its label 1"):
            assert [target.id for target in load(name, tmp_path).objects] == [2, 3, 8]

    def test_a_map_in_colour(self, tmp_path: Path, name: str) -> None:
        build(tmp_path, LABELLED[name], grey(OBJECT).convert("RGB"))
        with pytest.raises(DatasetError, match="is no label map but a picture of mode RGB"):
            load(name, tmp_path)

    def test_missing_images_are_passed_over(self, tmp_path: Path, name: str) -> None:
        for sample in ("x", "y"):
            build(tmp_path, LABELLED[name], Image.fromarray(self.labels), sample)
        (tmp_path / LABELLED[name].image.format("y")).unlink()
        dataset = open_dataset(name, tmp_path)
        assert dataset.missing == ("y.jpg",)
        assert [sample.name for sample in dataset.samples] == ["x"]


@pytest.mark.parametrize("name", LISTED)
class TestListed:
    def build(self, root: Path, name: str, labels: np.ndarray, text: bytes = b"x\n") -> None:
        file, pair = LISTED[name]
        put(root, pair.image.format("x"), Image.new("RGB", SHAPE[::-1]))
        truth_file = root / pair.mask.format("x")
        truth_file.parent.mkdir(parents=True, exist_ok=True)
        if truth_file.suffix == ".mat":
            savemat(truth_file, {"GTinst": {"Segmentation": labels, "Categories": [1]}})
        else:
            picture = Image.fromarray(labels)
            picture.putpalette([shade for index in range(8) for shade in (30 * index,) * 3])
            picture.save(truth_file)
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_bytes(text)

    def truths(self, root: Path, name: str) -> list[list[list[int]]]:
        return [target.truth.tolist() for target in load(name, root).objects]

    def test_each_label_is_an_object(self, tmp_path: Path, name: str) -> None:
        self.build(tmp_path, name, np.array([[0, 1, 2], [0, 0, 2]], np.uint8))
        assert self.truths(tmp_path, name) == [[[0, 1, 0], [0, 0, 0]], [[0, 0, 1], [0, 0, 1]]]

    def test_without_background_nothing_is_lost(self, tmp_path: Path, name: str) -> None:
        self.build(tmp_path, name, np.array([[1, 1, 2], [1, 1, 2]], np.uint8))
        assert len(self.truths(tmp_path, name)) == 2

    def test_background_alone(self, tmp_path: Path, name: str) -> None:
        self.build(tmp_path, name, np.zeros(SHAPE, np.uint8))
        assert self.truths(tmp_path, name) == []

    def test_a_list_from_windows(self, tmp_path: Path, name: str) -> None:
        self.build(tmp_path, name, OBJECT, b"\xef\xbb\xbfx\r\n\r\n")
        assert self.truths(tmp_path, name) == [OBJECT.tolist()]

    @pytest.mark.parametrize("line", [b"img\\x", b"C:\\x", b"../x"])
    def test_paths_in_a_list(self, tmp_path: Path, name: str, line: bytes) -> None:
        self.build(tmp_path, name, OBJECT, line)
        with pytest.raises(DatasetError, match="which is no plain name"):
            open_dataset(name, tmp_path)

    @pytest.mark.parametrize("part", [0, 1], ids=["image", "truth"])
    def test_missing_files(self, tmp_path: Path, name: str, part: int) -> None:
        self.build(tmp_path, name, OBJECT)
        (tmp_path / LISTED[name][1][part].format("x")).unlink()
        with pytest.raises(DatasetError, match=r"there is no .*x\."):
            open_dataset(name, tmp_path)

    def test_a_truth_of_another_size(self, tmp_path: Path, name: str) -> None:
        self.build(tmp_path, name, OBJECT.T.copy())
        with pytest.raises(DatasetError, match=r"is 2 x 3 pixels .* but its image x\.jpg is 3 x 2"):
            load(name, tmp_path)
