"""What `--data` means, and mixtures of sources."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from skipclick.datasets.coco_lvis import SPLITS
from skipclick.datasets.locations import Locations
from skipclick.errors import DatasetError
from skipclick.training.coco_lvis import CocoLvis
from skipclick.training.contents import names_digest
from skipclick.training.sources import (
    DataSpec,
    Mix,
    SampleSource,
    open_mix,
    open_samples,
    open_source,
    parse_spec,
)


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def write_coco(folder: Path, images: Path) -> Path:
    """Two images of 40 x 30; polygons, run lengths and a crowd on the first, one polygon on the second."""
    images.mkdir(parents=True, exist_ok=True)
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(images / name), np.full((30, 40, 3), 90, np.uint8))
    square = [[2, 2, 22, 2, 22, 12, 2, 12]]
    runs = {"size": [30, 40], "counts": [30 * 30, 30 * 5, 30 * 5]}
    crowd = {"size": [30, 40], "counts": [20, 10, 30 * 39]}
    annotations = [
        {"id": 1, "image_id": 1, "segmentation": square, "iscrowd": 0},
        {"id": 2, "image_id": 1, "segmentation": runs, "iscrowd": 0},
        {"id": 3, "image_id": 1, "segmentation": crowd, "iscrowd": 1},
        {"id": 4, "image_id": 2, "segmentation": square, "iscrowd": 0},
    ]
    about = [
        {"id": i, "file_name": f"{name}.png", "height": 30, "width": 40} for i, name in ((1, "a"), (2, "b"))
    ]
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "mine.json"
    file.write_text(json.dumps({"images": about, "annotations": annotations}))
    return file


def test_the_parts_of_a_specification(tmp_path: Path) -> None:
    assert parse_spec("coco=mine.json,images=photos,weight=0.5") == DataSpec(
        "coco", Path("mine.json"), 0.5, Path("photos")
    )
    assert parse_spec("coco-lvis=data/COCO_LVIS,split=val") == DataSpec(
        "coco-lvis", Path("data/COCO_LVIS"), split="val"
    )
    assert parse_spec("folder=x,ignore=255").ignore == 255
    assert parse_spec("SBD_train=data/SBD,weight=2").weight == 2
    assert parse_spec("folder=a,b").path == Path("a,b")


@pytest.mark.skipif(os.name == "nt", reason="paths are written otherwise")
def test_the_home_folder_is_known() -> None:
    assert parse_spec("coco=~/mine.json").path == Path.home() / "mine.json"


def test_a_kind_that_is_left_out_is_told_by_what_is_there(toy: ModuleType, tmp_path: Path) -> None:
    file = write_coco(tmp_path / "coco", tmp_path / "coco")
    folder = toy.write_label_folder(tmp_path / "folder", 1)
    lvis = toy.write_coco_lvis(tmp_path / "lvis", 1)
    assert [parse_spec(str(path)).kind for path in (file, folder, lvis)] == ["coco", "folder", "coco-lvis"]
    assert parse_spec(f"{folder},weight=3") == DataSpec("folder", folder, 3.0)
    with pytest.raises(DatasetError, match=r"neither COCO's \.json nor a folder with masks/"):
        parse_spec(str(tmp_path / "coco"))


def test_the_name_of_a_data_set_means_where_it_lies(tmp_path: Path) -> None:
    locations = Locations({"coco-lvis": Path("/disk/lvis"), "SBD": Path("/disk/sbd")}, Path("skipclick.toml"))
    assert parse_spec("coco-lvis,split=val", locations) == DataSpec(
        "coco-lvis", Path("/disk/lvis"), split="val"
    )
    assert parse_spec("SBD_train,weight=2", locations) == DataSpec("SBD_train", Path("/disk/sbd"), 2.0)
    with pytest.raises(DatasetError, match="does not say where GrabCut lies"):
        parse_spec("GrabCut", locations)
    with pytest.raises(DatasetError, match="Give coco-lvis=FOLDER"):
        parse_spec("coco-lvis")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("nothing/here", "does not exist: give a COCO file"),
        ("cocoa=mine.json", "there is no kind 'cocoa'; the kinds are coco-lvis, coco, folder, GrabCut"),
        ("coco=", "names no file or folder"),
        ("coco=x.json,weight=0", "a weight is a number above 0, not '0'"),
        ("coco=x.json,weight=nan", "a weight is a number above 0"),
        ("coco=x.json,weight=inf", "a weight is a number above 0"),
        ("coco=x.json,weight=much", "a weight is a number above 0"),
        ("coco=x.json,split=val", "coco knows no split=, only weight, images"),
        ("folder=x,images=y", "folder knows no images="),
        ("folder=x,ignore=-1", "takes a number in the label maps"),
        ("folder=x,weight=1,weight=2", "says something twice"),
        ("HQSeg_train=x,split=val", "HQSeg_train knows no split=, only weight"),
    ],
)
def test_what_cannot_be_meant(text: str, complaint: str) -> None:
    with pytest.raises(DatasetError, match=complaint):
        parse_spec(text)


def test_coco_is_read_with_polygons_run_lengths_and_crowds(tmp_path: Path) -> None:
    source = open_source(parse_spec(str(write_coco(tmp_path, tmp_path / "images"))), stuff=0.3)
    assert list(source.names) == ["a", "b"]
    sample = source.read(0, generator())
    assert sample.areas() == {0: 200, 1: 150}
    assert sample.roots == (0, 1)
    assert sample.ignored is not None
    layer, value = sample.ignored
    crowd = sample.layers[:, :, layer] == value
    assert crowd[20:, 0].all()
    assert crowd.sum() == 10
    assert source.read(1, generator()).ignored is None


def test_cocos_images_may_lie_anywhere(tmp_path: Path) -> None:
    file = write_coco(tmp_path / "annotations", tmp_path / "far" / "away")
    assert len(open_samples(parse_spec(f"coco={file},images={tmp_path / 'far' / 'away'}"))) == 2
    with pytest.raises(DatasetError, match="which is in none of"):
        open_samples(parse_spec(f"coco={file}"))
    with pytest.raises(DatasetError, match="nowhere does not exist"):
        open_samples(parse_spec(f"coco={file},images={tmp_path / 'nowhere'}"))
    with pytest.raises(DatasetError, match=r"a\.png"):
        open_samples(parse_spec(f"coco={file},images={tmp_path}"))


@pytest.mark.parametrize(("split", "name"), SPLITS.items())
def test_coco_lvis_without_its_hierarchy_is_not_trained_on(
    toy: ModuleType, tmp_path: Path, split: str, name: str
) -> None:
    root = toy.write_coco_lvis(tmp_path)
    with pytest.raises(DatasetError, match=f"write coco-lvis={root},split={split} to train"):
        open_source(parse_spec(f"{name}={root}"), stuff=0.3)


def test_instances_of_coco_lvis_can_be_fitted_to(toy: ModuleType, tmp_path: Path) -> None:
    root = toy.write_coco_lvis(tmp_path)
    with pytest.raises(DatasetError, match=f"write COCO_LVIS_train={root} for its instances alone"):
        open_samples(parse_spec(f"coco-lvis={root}"))
    samples = open_samples(parse_spec(f"COCO_LVIS_train={root}"))
    assert [len(sample.load().objects) for sample in samples] == [2] * 4


def test_coco_lvis_takes_the_recipes_share_of_stuff(toy: ModuleType, tmp_path: Path) -> None:
    source = open_source(parse_spec(str(toy.write_coco_lvis(tmp_path))), stuff=0.7)
    assert isinstance(source, CocoLvis)
    assert source.stuff == 0.7
    with pytest.raises(DatasetError, match="for `skipclick train`"):
        open_samples(parse_spec(str(tmp_path)))


def test_evaluation_data_sets_are_sources_too(toy: ModuleType, tmp_path: Path) -> None:
    folder = toy.write_label_folder(tmp_path, 2)
    source = open_source(parse_spec(f"Folder={folder}"), stuff=0.3)
    # One object in each mask, whatever the numbers in it.
    assert len(source.read(0, generator()).objects) == 1
    assert len(open_source(parse_spec(str(folder)), stuff=0.3).read(0, generator()).objects) == 2


def test_a_source_that_is_missing(tmp_path: Path) -> None:
    for text in ("coco=gone.json", "folder=gone", "coco-lvis=gone", "GrabCut=gone"):
        with pytest.raises(DatasetError, match="gone"):
            open_source(parse_spec(text), stuff=0.3)
    with pytest.raises(DatasetError, match="give --data at least once"):
        open_mix([], stuff=0.3)


def test_images_are_drawn_by_the_weights_of_their_sources(toy: ModuleType, tmp_path: Path) -> None:
    """Two images that count twice beside six: a share of 2 in 5, of which each has half."""
    few, many = toy.write_label_folder(tmp_path / "few", 2), toy.write_label_folder(tmp_path / "many", 6)
    mix = open_mix([parse_spec(f"{few},weight=2"), parse_spec(str(many))], stuff=0.3)
    assert len(mix) == 8
    drawn = Recorder(mix)
    source = generator(3)
    for _ in range(600):
        drawn.mix.draw(source)
    shares = [drawn.reads.count((0, index)) / 600 for index in (0, 1)]
    for share in shares:
        assert abs(share - 0.2) < 3.5 * np.sqrt(0.16 / 600)
    for index in range(6):
        assert abs(drawn.reads.count((1, index)) / 600 - 0.1) < 3.5 * np.sqrt(0.09 / 600)


class Recorder:
    """Writes down which images of which sources are drawn, without reading them."""

    def __init__(self, mix: Mix) -> None:
        self.reads: list[tuple[int, int]] = []
        sources = tuple(_Recorded(self, number, source) for number, source in enumerate(mix.sources))
        self.mix = Mix(sources, mix.weights)  # type: ignore[arg-type]


class _Recorded:
    def __init__(self, recorder: Recorder, number: int, source: object) -> None:
        self.recorder, self.number, self.source = recorder, number, source

    def __len__(self) -> int:
        return len(self.source)  # type: ignore[arg-type]

    def read(self, index: int, generator: np.random.Generator) -> None:
        self.recorder.reads.append((self.number, index))


def test_a_mix_is_known_by_its_images_not_by_where_they_lie(toy: ModuleType, tmp_path: Path) -> None:
    def values(folder: Path, weight: float = 1.0) -> object:
        return open_mix([parse_spec(f"{folder},weight={weight}")], stuff=0.3).values()

    one = toy.write_label_folder(tmp_path / "one", 3)
    other = toy.write_label_folder(tmp_path / "other", 3)
    more = toy.write_label_folder(tmp_path / "more", 4)
    assert values(one) == values(other)
    assert values(one) != values(more)
    assert values(one) != values(one, 2.0)
    assert json.loads(json.dumps(values(one))) == values(one)


def test_a_mix_is_known_by_what_is_in_its_masks_and_how_they_are_read(
    toy: ModuleType, tmp_path: Path
) -> None:
    folder = toy.write_label_folder(tmp_path / "folder", 3)

    def values(text: str) -> object:
        return open_mix([parse_spec(text)], stuff=0.3).values()

    before = values(f"folder={folder}")
    assert values(f"folder={folder},ignore=7") != before
    assert values(f"Folder={folder}") != before
    mask = folder / "masks" / "photo1.png"
    labels = cv2.imread(str(mask), cv2.IMREAD_UNCHANGED)
    cv2.imwrite(str(mask), np.where(labels == 2, 0, labels))
    corrected = values(f"folder={folder}")
    assert corrected != before
    cv2.imwrite(str(folder / "images" / "photo2.png"), np.zeros((80, 96, 3), np.uint8))
    assert values(f"folder={folder}") != corrected


def test_a_mix_of_annotation_files_is_known_by_them(toy: ModuleType, tmp_path: Path) -> None:
    file = write_coco(tmp_path / "coco", tmp_path / "coco")
    lvis = toy.write_coco_lvis(tmp_path / "lvis", 2)
    for path, change in (
        (file, lambda: file.write_text(file.read_text().replace("22", "23"))),
        (lvis, lambda: swap_parts(lvis / "train" / "hannotation.pickle")),
    ):
        before = open_mix([parse_spec(str(path))], stuff=0.3).values()
        change()
        after = open_mix([parse_spec(str(path))], stuff=0.3).values()
        assert after != before
        assert [one["names"] for one in after] == [one["names"] for one in before]


def swap_parts(file: Path) -> None:
    """Now the first instance is a part of the second."""
    annotations = pickle.loads(file.read_bytes())
    for entry in annotations.values():
        whole, part = entry["hierarchy"][0], entry["hierarchy"][1]
        entry["hierarchy"] = {0: part | {"parent": 1}, 1: whole | {"children": [0]}}
    file.write_bytes(pickle.dumps(annotations))


def test_a_source_of_ones_own_is_known_by_its_names(toy: ModuleType) -> None:
    (values,) = toy.mix().values()
    assert values == {"images": 4, "names": names_digest(["one", "two", "three", "four"]), "weight": 1.0}


def test_reading_twice_gives_the_same(toy: ModuleType, tmp_path: Path) -> None:
    source = open_source(parse_spec(str(toy.write_label_folder(tmp_path, 1))), stuff=0.3)
    assert isinstance(source, SampleSource)
    one, two = source.read(0, generator(0)), source.read(0, generator(1))
    np.testing.assert_array_equal(one.image, two.image)
    np.testing.assert_array_equal(one.layers, two.layers)
