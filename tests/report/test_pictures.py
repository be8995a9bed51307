from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from skipclick import zoom
from skipclick.datasets import Dataset, fingerprint
from skipclick.evaluation import EvaluationProtocol, evaluate_dataset
from skipclick.evaluation.trace import ObjectTrace
from skipclick.overlay import MASK
from skipclick.prompt import Click
from skipclick.report import pictures
from skipclick.report.pictures import SIDE, TRUTH, Gallery, shown_steps
from skipclick.report.runs import ReportError, Run
from skipclick.session import Session

PROTOCOL = EvaluationProtocol(size=(56, 56), max_clicks=4)


@pytest.fixture
def model(disk_model: Any) -> Any:
    disk_model.radius = 8.0
    return disk_model


@pytest.fixture
def run(make_run: Callable[..., Run], model: Any, grabcut: Dataset) -> Run:
    """What the model of disks did on the three photos."""
    return make_run(evaluate_dataset(model, grabcut, PROTOCOL), samples=3, size=[56, 56], max_clicks=4)


def pixels(tile: pictures.Tile) -> np.ndarray:
    with Image.open(io.BytesIO(tile.jpeg)) as picture:
        assert picture.format == "JPEG"
        return np.array(picture).astype(int)


def near(picture: np.ndarray, colour: tuple[int, int, int], tolerance: int = 60) -> int:
    """How many pixels are about of this colour."""
    return int((np.abs(picture - colour).sum(axis=2) < tolerance).sum())


@pytest.mark.parametrize(
    ("clicks", "steps"),
    [(1, [1]), (2, [1, 2]), (4, [1, 2, 3, 4]), (10, [1, 2, 3, 5, 10]), (20, [1, 2, 3, 5, 10, 20])],
)
def test_which_clicks_are_shown(clicks: int, steps: list[int]) -> None:
    assert shown_steps(clicks) == steps


class TestWithPhotos:
    def test_a_picture_for_each_click(self, run: Run, grabcut: Dataset) -> None:
        trace = run.objects[0]
        strip = Gallery([run], [grabcut]).draw(run, trace)
        assert strip is not None
        assert strip.remark == ""
        assert [tile.caption for tile in strip.tiles] == [
            f"{step} click{'s' * (step > 1)}: {100 * trace.ious[step - 1]:.1f} %"
            for step in shown_steps(len(trace.clicks))
        ]

    def test_size_and_address(self, run: Run, grabcut: Dataset) -> None:
        strip = Gallery([run], [grabcut]).draw(run, run.objects[0])
        assert strip is not None
        for tile in strip.tiles:
            assert pixels(tile).shape == (tile.height, tile.width, 3)
            assert max(tile.width, tile.height) == SIDE
            assert tile.source.startswith("data:image/jpeg;base64,/9j/")

    def test_truth_is_outlined_and_there_is_no_mask(self, run: Run, grabcut: Dataset) -> None:
        strip = Gallery([run], [grabcut]).draw(run, run.objects[0])
        assert strip is not None
        picture = pixels(strip.tiles[0])
        assert near(picture, TRUTH, 90) > 200
        assert near(picture, MASK) == 0

    def test_no_photos_no_pictures(self, run: Run) -> None:
        assert Gallery([run]).draw(run, run.objects[0]) is None

    def test_another_copy_of_the_data(self, run: Run, grabcut: Dataset) -> None:
        fewer = dataclasses.replace(grabcut, samples=grabcut.samples[1:])
        with pytest.raises(ReportError, match=r"GrabCut has no object 1 in an image a, but .* has"):
            Gallery([run], [fewer]).draw(run, run.objects[0])
        stranger = dataclasses.replace(run.objects[1], object_id=9)
        with pytest.raises(ReportError, match="no object 9 in an image b"):
            Gallery([run], [fewer]).draw(run, stranger)

    def test_data_of_no_run(self, run: Run, grabcut: Dataset) -> None:
        other = dataclasses.replace(grabcut, label="mine")
        with pytest.raises(ReportError, match="no trace is of the data set mine: there are GrabCut"):
            Gallery([run], [other])

    def test_a_copy_of_other_masks_is_refused(self, run: Run, grabcut: Dataset) -> None:
        """Of the same names, so that nothing else tells them apart."""
        told = dataclasses.replace(run, fingerprint=fingerprint(grabcut).sha256)
        assert Gallery([told], [grabcut]).draw(told, told.objects[0]) is not None
        for sample in grabcut.samples:
            with Image.open(sample.truth_file) as mask:
                mask.resize((45, 30)).save(sample.truth_file)
        with pytest.raises(ReportError, match=r"GrabCut is not what .*\.jsonl is of: .* give the folder"):
            Gallery([told], [grabcut])

    def test_a_run_on_another_version_is_told(self, run: Run, grabcut: Dataset, model: Any) -> None:
        told = dataclasses.replace(run, fingerprint=fingerprint(grabcut).sha256)
        subset = dataclasses.replace(run, fingerprint="another")
        gallery = Gallery([told, subset], [grabcut], [model])
        strips = [gallery.draw(one, one.objects[0]) for one in (told, subset)]
        remarks = [strip.remark for strip in strips if strip is not None]
        assert remarks == ["", "The ground truths of this trace were other ones."]


class TestWithAModel:
    def test_masks_are_made_again(self, run: Run, grabcut: Dataset, model: Any) -> None:
        strip = Gallery([run], [grabcut], [model]).draw(run, run.objects[0])
        assert strip is not None
        assert strip.remark == ""
        tinted = [near(pixels(tile), (120, 110, 135), 90) for tile in strip.tiles]
        plain = Gallery([run], [grabcut]).draw(run, run.objects[0])
        assert plain is not None
        without = [near(pixels(tile), (120, 110, 135), 90) for tile in plain.tiles]
        assert all(one > other for one, other in zip(tinted, without, strict=True))

    def test_they_follow_the_rules_of_the_run(
        self, run: Run, grabcut: Dataset, model: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[Any] = []

        class Spy(Session):
            def __init__(self, model: Any, image: Any, **options: Any) -> None:
                seen.append((image.size, image.mirror, options))
                super().__init__(model, image, **options)

        monkeypatch.setattr(pictures, "Session", Spy)
        Gallery([run], [grabcut], [model]).draw(run, run.objects[0])
        assert seen == [((56, 56), True, {"threshold": 0.49, "zoom": False})]

    def test_masks_of_a_run_that_zoomed_in_are_made_again(
        self,
        make_run: Callable[..., Run],
        model: Any,
        grabcut: Dataset,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(zoom, "SHORTEST", 10)
        traces = list(evaluate_dataset(model, grabcut, dataclasses.replace(PROTOCOL, zoom=True)))
        one = make_run(traces, samples=3, size=[56, 56], max_clicks=4, zoom=True)
        strip = Gallery([one], [grabcut], [model]).draw(one, one.objects[0])
        assert strip is not None
        assert strip.remark == ""
        whole = dataclasses.replace(one, zoom=False)
        strip = Gallery([whole], [grabcut], [model]).draw(whole, whole.objects[0])
        assert strip is not None
        assert "differs from the trace" in strip.remark

    def test_other_masks_than_those_of_the_trace_are_said(
        self, run: Run, grabcut: Dataset, model: Any
    ) -> None:
        trace = run.objects[0]
        odd = dataclasses.replace(trace, ious=(trace.ious[0] - 0.034, *trace.ious[1:]))
        strip = Gallery([run], [grabcut], [model]).draw(run, odd)
        assert strip is not None
        assert "their IoU differs from the trace by up to 3.4 %" in strip.remark

    def test_what_cannot_be_repeated_is_not(self, run: Run, grabcut: Dataset, model: Any) -> None:
        begun = dataclasses.replace(run, plain=False)
        strip = Gallery([begun], [grabcut], [model]).draw(begun, begun.objects[0])
        assert strip is not None
        assert strip.remark.startswith("Without masks")
        assert all(near(pixels(tile), MASK) == 0 for tile in strip.tiles)

    def test_a_model_of_no_run(self, run: Run, model: Any) -> None:
        model.fingerprint = "others"
        with pytest.raises(ReportError, match=r"no trace was made with the weights of disks \(others\)"):
            Gallery([run], [], [model])


class TestMissing:
    def test_everything(self, run: Run) -> None:
        (line,) = Gallery([run]).missing([run])
        assert line == "No pictures of GrabCut: give the photos, as in --data GrabCut=FOLDER."

    def test_the_model(self, run: Run, grabcut: Dataset) -> None:
        gallery = Gallery([run], [grabcut])
        (line,) = gallery.missing([run])
        assert "--model disks" in line
        assert (gallery.has_photos, gallery.has_models) == (True, False)

    def test_nothing(self, run: Run, grabcut: Dataset, model: Any) -> None:
        gallery = Gallery([run], [grabcut], [model])
        assert gallery.missing([run]) == []
        assert (gallery.has_photos, gallery.has_models) == (True, True)

    def test_one_of_several_data_sets(
        self, run: Run, grabcut: Dataset, make_run: Callable[..., Run], model: Any
    ) -> None:
        other = make_run({"a": [0.96]}, label="SBD")
        lines = Gallery([run, other], [grabcut], [model]).missing([run, other])
        assert lines == ["No pictures of SBD: give the photos, as in --data SBD=FOLDER."]


class TestView:
    def draw(
        self,
        make_run: Callable[..., Run],
        tmp_path: Path,
        size: tuple[int, int],
        box: Any,
        clicks: list[Click],
    ) -> np.ndarray:
        """The picture of an object that fills a box of a grey photo."""
        from skipclick.datasets import open_dataset

        root = tmp_path / "one"
        mask = np.zeros((size[1], size[0]), np.uint8)
        mask[box] = 255
        for folder, image in (("data_GT", np.full((*mask.shape, 3), 90, np.uint8)), ("boundary_GT", mask)):
            (root / folder).mkdir(parents=True)
            Image.fromarray(image).save(root / folder / "a.png")
        dataset = open_dataset("GrabCut", root)
        trace = ObjectTrace("a", 1, 1, tuple(clicks), (0.5,) * len(clicks), (0.1,) * len(clicks), 0.1, 0.1)
        run = make_run([trace])
        strip = Gallery([run], [dataset]).draw(run, trace)
        assert strip is not None
        return pixels(strip.tiles[-1])

    def test_a_small_object_fills_the_picture(self, make_run: Callable[..., Run], tmp_path: Path) -> None:
        picture = self.draw(make_run, tmp_path, (900, 600), np.s_[300:400, 500:600], [Click(550, 350)])
        assert picture.shape == (SIDE, SIDE, 3)
        outline = np.abs(picture - TRUTH).sum(axis=2) < 150
        rows, columns = np.nonzero(outline)
        assert 0.6 * SIDE < np.ptp(rows) < 0.85 * SIDE
        assert 0.6 * SIDE < np.ptp(columns) < 0.85 * SIDE

    def test_far_clicks_are_in_it(self, make_run: Callable[..., Run], tmp_path: Path) -> None:
        clicks = [Click(550, 350), Click(20, 20, positive=False)]
        picture = self.draw(make_run, tmp_path, (900, 600), np.s_[300:400, 500:600], clicks)
        assert near(picture, (214, 48, 49), 90) > 30

    def test_an_object_of_one_pixel_keeps_its_surroundings(
        self, make_run: Callable[..., Run], tmp_path: Path
    ) -> None:
        picture = self.draw(make_run, tmp_path, (100, 100), np.s_[50, 50], [Click(50, 50)])
        outline = np.abs(picture - TRUTH).sum(axis=2) < 120
        assert outline.sum() < 0.02 * outline.size

    def test_an_object_at_the_edge(self, make_run: Callable[..., Run], tmp_path: Path) -> None:
        picture = self.draw(make_run, tmp_path, (80, 40), np.s_[:, 60:], [Click(79, 39)])
        assert picture.shape[0] <= SIDE
        assert picture.shape[1] <= SIDE
        assert near(picture, (32, 158, 84), 90) > 20


@settings(deadline=None)
@given(st.integers(1, 4000), st.data())
def test_what_is_shown_lies_within_the_photo(limit: int, data: st.DataObject) -> None:
    low = data.draw(st.integers(0, limit - 1))
    high = data.draw(st.integers(low, limit - 1))
    begin, end = pictures._widened(low, high, limit)
    assert 0 <= begin <= low
    assert high < end <= limit
    # Neither the whole photo for a small object, nor a small object without its surroundings.
    assert end - begin <= max(1.4 * (high - low), 48) + 3
    assert end - begin >= min(24, limit)


def test_clicks_keep_their_places(make_run: Callable[..., Run], tmp_path: Path) -> None:
    """A click in the middle of a square is in the middle of its picture."""
    picture = TestView().draw(make_run, tmp_path, (200, 200), np.s_[80:121, 80:121], [Click(100, 100)])
    green = np.abs(picture - (32, 158, 84)).sum(axis=2) < 90
    rows, columns = np.nonzero(green)
    assert rows.mean() == pytest.approx((SIDE - 1) / 2, abs=1.5)
    assert columns.mean() == pytest.approx((SIDE - 1) / 2, abs=1.5)
