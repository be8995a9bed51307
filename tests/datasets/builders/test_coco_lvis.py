"""COCO+LVIS built from miniatures of its sources, and opened by the reader for training."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from skipclick.datasets.builders import coco_lvis
from skipclick.datasets.builders.coco_lvis import JOURNAL, BuiltCocoLvis, build_coco_lvis
from skipclick.errors import DatasetError
from skipclick.training.coco_lvis import open_coco_lvis

NAMES = ("000000000009", "000000000025", "000000000030")
HEIGHT, WIDTH = 60, 80

# Segments of the panoptic picture, later ones drawn over earlier ones: label, category, box.
SKY, GRASS, DOG, BALL, CROWD, SPECK = 70001, 70002, 1, 257, 300, 400
SEGMENTS = [
    (SKY, 119, (0, 30, 0, 80)),
    (GRASS, 119, (30, 60, 0, 80)),
    (DOG, 1, (10, 50, 10, 50)),
    (CROWD, 1, (50, 60, 60, 80)),
    (SPECK, 1, (0, 5, 70, 80)),
]
DOG_AGAIN = [10, 10, 49, 10, 49, 49, 10, 49]
BALL_POLYGON = [20, 20, 31, 20, 31, 31, 20, 31]


class Sources:
    """The original files, in COCO's folders."""

    def __init__(self, root: Path, names: tuple[str, ...] = NAMES) -> None:
        self.root = root
        self.names = names
        self.panoptic = root / "coco" / "annotations" / "panoptic_train2017.json"
        self.lvis = root / "lvis" / "lvis_v1_train.json"
        self.segments = dict.fromkeys(names, SEGMENTS)
        self.polygons: dict[str, list[list[list[float]]]] = {
            name: [[DOG_AGAIN], [BALL_POLYGON]] for name in names
        }

    def write(self) -> Sources:
        pictures = self.panoptic.with_suffix("")
        photos = self.root / "coco" / "train2017"
        for folder in (pictures, photos, self.lvis.parent):
            folder.mkdir(parents=True, exist_ok=True)
        for number, name in enumerate(self.names):
            labels = np.zeros((HEIGHT, WIDTH), np.int32)
            for label, _, (top, bottom, left, right) in self.segments[name]:
                labels[top:bottom, left:right] = label
            colours = np.stack([labels % 256, labels // 256 % 256, labels // 65536], axis=2)
            Image.fromarray(colours.astype(np.uint8)).save(pictures / f"{name}.png")
            Image.new("RGB", (WIDTH, HEIGHT), (number, 100, 50)).save(photos / f"{name}.jpg")
        ids = {name: int(name) for name in self.names}
        images = [
            {"id": ids[name], "file_name": f"{name}.jpg", "height": HEIGHT, "width": WIDTH}
            for name in self.names
        ]
        annotations = [
            {
                "image_id": ids[name],
                "file_name": f"{name}.png",
                "segments_info": [
                    {"id": label, "category_id": category, "iscrowd": int(label == CROWD)}
                    for label, category, _ in self.segments[name]
                ],
            }
            for name in self.names
        ]
        categories = [{"id": 1, "isthing": 1}, {"id": 119, "isthing": 0}]
        self.panoptic.write_text(
            json.dumps({"images": images, "annotations": annotations, "categories": categories})
        )
        url = "http://images.cocodataset.org/train2017"
        flat = [(name, parts) for name in self.names for parts in self.polygons[name]]
        self.lvis.write_text(
            json.dumps(
                {
                    "images": [{"id": ids[name], "coco_url": f"{url}/{name}.jpg"} for name in self.names],
                    "annotations": [
                        {"id": number, "image_id": ids[name], "category_id": 5, "segmentation": parts}
                        for number, (name, parts) in enumerate(flat, start=1)
                    ],
                }
            )
        )
        return self

    def build(self, **options: Any) -> BuiltCocoLvis:
        return build_coco_lvis(self.panoptic, self.lvis, self.root / "out", **options)


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    return Sources(tmp_path).write()


def generator() -> np.random.Generator:
    return np.random.default_rng(0)


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def test_the_reader_for_training_opens_it(sources: Sources) -> None:
    built = sources.build()
    assert built == BuiltCocoLvis(sources.root / "out" / "train", images=3, instances=9, empty=0)
    data = open_coco_lvis(sources.root / "out", stuff=1.0)
    assert data.names == NAMES
    # COCO's crowd, LVIS's dog in place of COCO's, and the ball in the dog; the speck is too small.
    assert data.parents == ((None, None, 1),) * 3
    sample = data.read(1, generator())
    assert sample.image.shape == (HEIGHT, WIDTH, 3)
    areas = sample.areas()
    crowd, dog, ball, sky, grass = (areas[number] for number in range(5))
    assert (crowd, dog, ball) == (10 * 20, 40 * 40, 12 * 12)
    assert sky == 30 * 80 - 20 * 40 - 5 * 10
    assert grass == 30 * 80 - 20 * 40 - 10 * 20


def test_regions_are_told_from_instances(sources: Sources) -> None:
    sources.build()
    sample = open_coco_lvis(sources.root / "out", stuff=0.0).read(0, generator())
    assert list(sample.objects) == [0, 1, 2]
    assert sample.objects[2].parent == 1


def test_what_the_published_reader_would_see(sources: Sources) -> None:
    folder = sources.build().folder
    annotations = pickle.loads((folder / "hannotation.pickle").read_bytes())
    assert list(annotations) == list(NAMES)
    assert annotations[NAMES[0]] == {
        "num_instance_masks": 3,
        "hierarchy": {
            0: None,
            1: {"children": [2], "parent": None, "node_level": 0},
            2: {"children": [], "parent": 1, "node_level": 1},
        },
    }
    pictures, places = pickle.loads((folder / "masks" / f"{NAMES[0]}.pickle").read_bytes())
    layers = [cv2.imdecode(picture, cv2.IMREAD_UNCHANGED) for picture in pictures]
    assert len(places) == 5
    assert [int((layers[layer] == value).sum()) for layer, value in places][:3] == [200, 1600, 144]
    photo = sources.root / "coco" / "train2017" / f"{NAMES[0]}.jpg"
    assert (folder / "images" / f"{NAMES[0]}.jpg").read_bytes() == photo.read_bytes()


@pytest.mark.parametrize(("rows", "kept"), [(25, False), (26, True)])
def test_regions_need_more_than_500_pixels(tmp_path: Path, rows: int, kept: bool) -> None:
    sources = Sources(tmp_path, NAMES[:1])
    sources.segments = {NAMES[0]: [(SKY, 119, (0, rows, 0, 20)), (DOG, 1, (50, 60, 0, 60))]}
    sources.polygons = {NAMES[0]: []}
    sources.write().build()
    sample = open_coco_lvis(tmp_path / "out", stuff=1.0).read(0, generator())
    assert len(sample.objects) == (2 if kept else 1)


def test_instances_cut_regions_but_not_each_other(tmp_path: Path) -> None:
    sources = Sources(tmp_path, NAMES[:1])
    sources.segments = {NAMES[0]: [(SKY, 119, (0, 60, 0, 80))]}
    sources.polygons = {NAMES[0]: [[[0, 0, 39, 0, 39, 39, 0, 39]], [[20, 20, 59, 20, 59, 59, 20, 59]]]}
    sources.write().build()
    sample = open_coco_lvis(tmp_path / "out", stuff=1.0).read(0, generator())
    areas = sample.areas()
    assert [areas[number] for number in range(3)] == [1600, 1600, 80 * 60 - (3200 - 400)]


def test_images_without_instances_are_left_out(tmp_path: Path) -> None:
    sources = Sources(tmp_path)
    sources.segments[NAMES[1]] = [(SKY, 119, (0, 60, 0, 80)), (DOG, 1, (0, 8, 0, 9))]
    sources.polygons[NAMES[1]] = [[[0, 0, 7, 0, 7, 7, 0, 7]]]
    built = sources.write().build()
    assert (built.images, built.empty) == (2, 1)
    assert open_coco_lvis(tmp_path / "out").names == (NAMES[0], NAMES[2])
    assert not (built.folder / "images" / f"{NAMES[1]}.jpg").exists()
    assert sources.build() == built


def test_only_images_that_both_annotate(tmp_path: Path) -> None:
    sources = Sources(tmp_path).write()
    content = json.loads(sources.lvis.read_text())
    content["images"] = content["images"][:2]
    content["annotations"] = [one for one in content["annotations"] if one["image_id"] != int(NAMES[2])]
    sources.lvis.write_text(json.dumps(content))
    assert sources.build().images == 2


def test_nothing_in_common(tmp_path: Path) -> None:
    sources = Sources(tmp_path).write()
    sources.lvis.write_text('{"images": [], "annotations": []}')
    with pytest.raises(DatasetError, match="have no image in common: give files of one split"):
        sources.build()
    assert not (tmp_path / "out").exists()


def test_both_splits_side_by_side(sources: Sources) -> None:
    sources.build()
    sources.build(split="val", limit=2)
    assert len(open_coco_lvis(sources.root / "out")) == 3
    assert len(open_coco_lvis(sources.root / "out", "val")) == 2


def test_a_split_of_another_name(sources: Sources) -> None:
    with pytest.raises(DatasetError, match=r"the split is train or val, not '\.\./x'"):
        sources.build(split="../x")


def test_folders_that_lie_elsewhere(sources: Sources) -> None:
    (sources.root / "coco" / "train2017").rename(sources.root / "photos")
    sources.panoptic.with_suffix("").rename(sources.root / "pictures")
    with pytest.raises(DatasetError, match=rf"there is no .*train2017.*{NAMES[0]}\.jpg \(and 2 others\)"):
        sources.build()
    with pytest.raises(DatasetError, match=rf"there is no .*panoptic_train2017.*{NAMES[0]}\.png"):
        sources.build(images=sources.root / "photos")
    built = sources.build(images=sources.root / "photos", labels=sources.root / "pictures")
    assert built.images == 3


def test_photos_can_be_linked(sources: Sources) -> None:
    folder = sources.build(link=True).folder
    photo = sources.root / "coco" / "train2017" / f"{NAMES[0]}.jpg"
    assert (folder / "images" / photo.name).samefile(photo)


def test_progress(sources: Sources) -> None:
    seen: list[tuple[int, int]] = []
    sources.build(progress=lambda *counts: seen.append(counts))
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


class TestAgain:
    def interrupted(self, sources: Sources, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
        """Stop in the middle of writing an image, when `after` images are finished."""
        calls = 0

        def pack(masks: Any, original: Any = coco_lvis.pack) -> Any:
            nonlocal calls
            calls += 1
            if calls > after:
                raise KeyboardInterrupt
            return original(masks)

        with monkeypatch.context() as patch:
            patch.setattr(coco_lvis, "pack", pack)
            with pytest.raises(KeyboardInterrupt):
                sources.build()

    @pytest.mark.parametrize("after", [0, 1, 2])
    def test_it_goes_on_where_it_stopped(
        self, sources: Sources, monkeypatch: pytest.MonkeyPatch, after: int
    ) -> None:
        self.interrupted(sources, monkeypatch, after)
        folder = sources.root / "out" / "train"
        assert not (folder / "hannotation.pickle").exists()
        assert len((folder / JOURNAL).read_text().splitlines()) == after
        seen: list[tuple[int, int]] = []
        built = sources.build(progress=lambda *counts: seen.append(counts))
        assert built.images == 3
        assert seen[0] == (after, 3)
        straight = Sources(sources.root / "straight").write()
        # Pickled to the same bytes: the sources are the same, and so is what was made of them.
        assert files(straight.build().folder) == files(folder)

    def test_a_finished_folder_stays_as_it_is(self, sources: Sources) -> None:
        folder = sources.build().folder
        before = files(folder)
        masks = {path: path.stat().st_mtime_ns for path in folder.glob("*/*")}
        assert sources.build().images == 3
        assert files(folder) == before
        assert {path: path.stat().st_mtime_ns for path in folder.glob("*/*")} == masks

    def test_first_a_few_then_all(self, sources: Sources) -> None:
        assert sources.build(limit=1).images == 1
        assert open_coco_lvis(sources.root / "out").names == NAMES[:1]
        assert sources.build().images == 3
        assert sources.build(limit=1).images == 3

    def test_a_line_that_was_cut_off_is_written_again(self, sources: Sources) -> None:
        folder = sources.build(limit=2).folder
        journal = folder / JOURNAL
        whole = journal.read_bytes()
        journal.write_bytes(whole[:-9])
        assert sources.build(limit=2).images == 2
        assert journal.read_bytes() == whole

    @pytest.mark.parametrize(
        "line", ["{}", "x", '{"image": "a", "nodes": [[]]}', '{"image": "a", "nodes": 1}']
    )
    def test_a_damaged_journal(self, sources: Sources, line: str) -> None:
        journal = sources.build(limit=1).folder / JOURNAL
        journal.write_text(f"{line}\n" + journal.read_text())
        with pytest.raises(DatasetError, match=r"hierarchy\.jsonl is damaged: remove it"):
            sources.build()

    def test_other_sources(self, sources: Sources) -> None:
        sources.build()
        sources.polygons[NAMES[0]] = []
        sources.write()
        with pytest.raises(DatasetError, match="was built from another file of LVIS: name another folder"):
            sources.build()

    def test_a_user_s_folder_is_left_alone(self, sources: Sources) -> None:
        mine = sources.root / "out" / "train" / "images" / "mine.jpg"
        mine.parent.mkdir(parents=True)
        mine.write_bytes(b"precious")
        with pytest.raises(DatasetError, match="holds other files"):
            sources.build()
        assert files(sources.root / "out") == {"train/images/mine.jpg": b"precious"}


class TestDamage:
    def test_a_photo_of_another_size(self, sources: Sources) -> None:
        Image.new("RGB", (WIDTH, 30)).save(sources.root / "coco" / "train2017" / f"{NAMES[1]}.jpg")
        with pytest.raises(DatasetError, match=rf"{NAMES[1]}\.jpg is 80 x 30 pixels, its annotation 80 x 60"):
            sources.build()

    @pytest.mark.parametrize("content", [b"", b"no picture"])
    def test_a_photo_that_is_none(self, sources: Sources, content: bytes) -> None:
        (sources.root / "coco" / "train2017" / f"{NAMES[1]}.jpg").write_bytes(content)
        with pytest.raises(DatasetError, match=rf"{NAMES[1]}\.jpg is no JPEG file: fetch it again"):
            sources.build()

    def test_a_label_picture_that_is_none(self, sources: Sources) -> None:
        (sources.panoptic.with_suffix("") / f"{NAMES[1]}.png").write_bytes(b"no picture")
        with pytest.raises(DatasetError, match=rf"{NAMES[1]}\.png cannot be read as an image"):
            sources.build()
        (sources.panoptic.with_suffix("") / f"{NAMES[1]}.png").unlink()
        with pytest.raises(DatasetError, match="there is no"):
            sources.build()

    def test_what_was_finished_before_it_is_kept(self, sources: Sources) -> None:
        (sources.panoptic.with_suffix("") / f"{NAMES[1]}.png").write_bytes(b"no picture")
        with pytest.raises(DatasetError):
            sources.build()
        sources.write()
        seen: list[tuple[int, int]] = []
        sources.build(progress=lambda *counts: seen.append(counts))
        assert seen[0] == (1, 3)
