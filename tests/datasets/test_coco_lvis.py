"""What there is of COCO+LVIS, and its instances as an evaluation sees them (specification 5.6)."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from skipclick.datasets import fingerprint, open_dataset
from skipclick.datasets.coco_lvis import SPLITS, fingerprint_split, list_split
from skipclick.datasets.coco_lvis_files import ANNOTATIONS
from skipclick.errors import DatasetError
from skipclick.evaluation import EvaluationProtocol, evaluate_dataset, read_trace
from skipclick.evaluation.run import open_trace


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


# Rows and columns, with layer and value: a person in a shirt with a badge, a dog that hides a part of the
# person, and grass, which is no instance. What lies in something or crosses it is in another layer.
OBJECTS = {
    (10, 70, 10, 50): (0, 1),
    (20, 50, 15, 45): (1, 1),
    (30, 40, 20, 30): (2, 1),
    (40, 80, 45, 110): (1, 2),
    (80, 90, 0, 120): (0, 2),
}
HIERARCHY = {
    0: {"children": [1], "parent": None, "node_level": 0},
    1: {"children": [2], "parent": 0, "node_level": 1},
    2: {"children": [], "parent": 1, "node_level": 2},
    3: None,
}
SHAPE = (90, 120)
NAMES = ("000000000025", "000000000142")


def rectangle(box: tuple[int, int, int, int]) -> np.ndarray:
    mask = np.zeros(SHAPE, np.bool_)
    mask[box[0] : box[1], box[2] : box[3]] = True
    return mask


def put_part(folder: Path) -> None:
    """Two images, the first with all objects, the second with only the badge."""
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    layers = np.zeros((3, *SHAPE), np.uint8)
    for box, (layer, value) in OBJECTS.items():
        layers[layer][rectangle(box)] = value
    places = list(OBJECTS.values())
    hierarchies = {NAMES[1]: {0: None}, NAMES[0]: HIERARCHY}
    for name, content in ((NAMES[0], (layers, places)), (NAMES[1], (layers[2:], [(0, 1)]))):
        photo = cv2.imencode(".jpg", np.full((*SHAPE, 3), 128, np.uint8))[1]
        (folder / "images" / f"{name}.jpg").write_bytes(photo.tobytes())
        pictures = [cv2.imencode(".png", layer)[1].ravel() for layer in content[0]]
        (folder / "masks" / f"{name}.pickle").write_bytes(pickle.dumps((pictures, content[1])))
    listed = {
        name: {"num_instance_masks": len(nodes), "hierarchy": nodes} for name, nodes in hierarchies.items()
    }
    (folder / ANNOTATIONS).write_bytes(pickle.dumps(listed))


class TestInstances:
    @pytest.fixture
    def data(self, tmp_path: Path) -> Path:
        for split in SPLITS:
            put_part(tmp_path / "COCO_LVIS" / split)
        return tmp_path / "COCO_LVIS"

    @pytest.mark.parametrize(("split", "name"), SPLITS.items())
    def test_each_is_an_object_with_all_of_its_pixels(self, data: Path, split: str, name: str) -> None:
        other = {"train": "val", "val": "train"}[split]
        (data / other / ANNOTATIONS).unlink()
        first, second = open_dataset(name, data).samples
        assert (first.name, second.name) == NAMES
        assert first.image_file == data / split / "images" / f"{NAMES[0]}.jpg"
        loaded = first.load()
        assert loaded.image.shape == (*SHAPE, 3)
        assert [target.id for target in loaded.objects] == [0, 1, 2, 3]
        for target, box in zip(loaded.objects, OBJECTS, strict=False):
            # Nothing is ignored; grass, parents and parts alike are background or object.
            np.testing.assert_array_equal(target.truth, rectangle(box).astype(np.int8))
        (badge,) = second.load().objects
        assert badge.truth.sum() == 100

    def test_they_are_evaluated(self, data: Path, disk_model: Any, tmp_path: Path) -> None:
        dataset, protocol = open_dataset("COCO_LVIS", data), EvaluationProtocol(max_clicks=2)
        trace_file = tmp_path / "trace.jsonl"
        with open_trace(trace_file, disk_model, dataset, protocol) as trace:
            objects = evaluate_dataset(disk_model, dataset, protocol, trace=trace)
        assert [(one.sample, one.object_id, one.objects_in_sample) for one in objects] == [
            *((NAMES[0], number, 4) for number in range(4)),
            (NAMES[1], 0, 1),
        ]
        # Each first click lies innermost in its own object, whatever lies on it.
        for one, box in zip(objects[:4], OBJECTS, strict=False):
            assert rectangle(box)[int(one.clicks[0].y), int(one.clicks[0].x)]
            assert one.clicks[0].positive
        header = read_trace(trace_file)[0].identity
        assert header["protocol"]["size"] == [448, 448]
        assert header["dataset"]["fingerprint"] == fingerprint(dataset).sha256

    def test_the_fingerprint_is_of_the_masks_however_they_are_packed(self, data: Path) -> None:
        before = fingerprint(open_dataset("COCO_LVIS", data))
        assert (before.images, before.objects) == (2, 5)
        file = data / "val" / "masks" / f"{NAMES[1]}.pickle"
        elsewhere = cv2.imencode(".png", rectangle((30, 40, 20, 30)).astype(np.uint8) * 7)[1]
        file.write_bytes(pickle.dumps(([elsewhere], [(0, 7)]), 2))
        assert fingerprint(open_dataset("COCO_LVIS", data)) == before
        smaller = cv2.imencode(".png", rectangle((30, 40, 20, 29)).astype(np.uint8) * 7)[1]
        file.write_bytes(pickle.dumps(([smaller], [(0, 7)])))
        assert fingerprint(open_dataset("COCO_LVIS", data)) != before

    @pytest.mark.parametrize("part", [f"images/{NAMES[1]}.jpg", f"masks/{NAMES[1]}.pickle"])
    def test_a_listed_file_that_is_missing(self, data: Path, part: str) -> None:
        (data / "val" / part).unlink()
        message = rf"there is no .*{NAMES[1]}.*: .*hannotation\.pickle lists it"
        with pytest.raises(DatasetError, match=message):
            open_dataset("COCO_LVIS", data)

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            (([cv2.imencode(".png", np.zeros(SHAPE, np.uint8))[1]], [(0, 1)]), "instance 0 has no pixel"),
            (([cv2.imencode(".png", np.ones(SHAPE, np.uint8))[1]], []), "0 objects, where"),
            (None, "not layers and places"),
        ],
    )
    def test_a_damaged_file_is_one_clear_line(self, data: Path, content: object, complaint: str) -> None:
        file = data / "val" / "masks" / f"{NAMES[1]}.pickle"
        file.write_bytes(pickle.dumps(content))
        _, sample = open_dataset("COCO_LVIS", data).samples
        with pytest.raises(DatasetError, match=rf"is damaged \({complaint}.*\): fetch it again") as caught:
            sample.load()
        assert str(caught.value).startswith(str(file))
        assert "\n" not in str(caught.value)

    def test_masks_of_another_size_than_the_photo(self, data: Path) -> None:
        file = data / "val" / "masks" / f"{NAMES[1]}.pickle"
        turned = cv2.imencode(".png", np.ones(SHAPE[::-1], np.uint8))[1]
        file.write_bytes(pickle.dumps(([turned], [(0, 1)])))
        with pytest.raises(DatasetError, match=r"is 90 x 120 pixels .* but its image .* is 120 x 90"):
            open_dataset("COCO_LVIS", data).samples[1].load()

    def test_samples_travel_to_other_processes(self, data: Path) -> None:
        sample = open_dataset("COCO_LVIS", data).samples[0]
        assert len(pickle.loads(pickle.dumps(sample)).load().objects) == 4
