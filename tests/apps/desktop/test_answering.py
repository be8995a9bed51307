"""A model with its memory: the same answers as a session, with nothing computed twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from skipclick.apps.desktop.agenda import Ask
from skipclick.apps.desktop.answering import Answerer, Photos
from skipclick.backend.protocol import Backend
from skipclick.errors import ImageError, PromptError
from skipclick.image import load_image
from skipclick.prompt import Click
from skipclick.session import Session

Slow = Any  # SlowModel of the conftest
CLICKS = (Click(150, 100), Click(60, 40, False), Click(220, 150), Click(20, 190, False))


@pytest.fixture
def answerer(slow_model: Slow) -> Answerer:
    return Answerer(slow_model, Photos(1 << 24))


class TestPhotos:
    def test_a_photo_is_read_once_and_ready_for_any_scale(self, photo_files: list[Path]) -> None:
        reads: list[Path] = []

        def read(path: Path) -> NDArray[np.uint8]:
            reads.append(path)
            return load_image(path)

        photos = Photos(1 << 24, read)
        first = photos.get(photo_files[0])
        assert photos.get(photo_files[0]) is first
        assert first.size == (300, 200)
        assert reads == photo_files[:1]

    def test_the_bound_holds(self, photo_files: list[Path]) -> None:
        reads: list[Path] = []

        def read(path: Path) -> NDArray[np.uint8]:
            reads.append(path)
            return load_image(path)

        photos = Photos(1, read)
        for path in [*photo_files, photo_files[0]]:
            photos.get(path)
        assert reads == [*photo_files, photo_files[0]]

    def test_what_is_no_photo_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(ImageError, match="does not exist"):
            Photos(1).get(tmp_path / "gone.jpg")


class TestAnswer:
    @pytest.mark.parametrize("count", [1, 2, 4])
    def test_it_is_what_a_session_says(
        self, count: int, answerer: Answerer, photo_files: list[Path], disk_model: Backend
    ) -> None:
        answer = answerer.answer(Ask(photo_files[0], "1", CLICKS[:count]))
        session = Session(disk_model, photo_files[0])
        expected = session.set_clicks(CLICKS[:count])
        np.testing.assert_array_equal(answer.mask, expected)
        assert answer.mask.any()
        assert answer.mask.dtype == np.bool_
        assert not answer.mask.flags.writeable
        assert answer.model == "slow disks"
        assert 0.9 < answer.score <= 1
        assert answer.seconds > 0

    def test_a_further_click_costs_one_decode(
        self, answerer: Answerer, photo_files: list[Path], slow_model: Slow
    ) -> None:
        for count in range(1, 5):
            answerer.answer(Ask(photo_files[0], "1", CLICKS[:count]))
        assert slow_model.decodes == [1, 2, 3, 4]
        assert len(slow_model.encodes) == 1

    def test_undo_costs_none(self, answerer: Answerer, photo_files: list[Path], slow_model: Slow) -> None:
        masks = [answerer.answer(Ask(photo_files[0], "1", CLICKS[:count])).mask for count in (1, 2, 3)]
        slow_model.decodes.clear()
        for count in (2, 1):
            again = answerer.answer(Ask(photo_files[0], "1", CLICKS[:count]))
            np.testing.assert_array_equal(again.mask, masks[count - 1])
        assert slow_model.decodes == []

    def test_objects_do_not_disturb_one_another(
        self, answerer: Answerer, photo_files: list[Path], slow_model: Slow
    ) -> None:
        one = answerer.answer(Ask(photo_files[0], "1", CLICKS[:2])).mask
        answerer.answer(Ask(photo_files[0], "2", CLICKS[2:]))
        slow_model.decodes.clear()
        np.testing.assert_array_equal(answerer.answer(Ask(photo_files[0], "1", CLICKS[:2])).mask, one)
        assert slow_model.decodes == []

    def test_a_session_that_was_let_go_is_replayed(self, photo_files: list[Path], slow_model: Slow) -> None:
        answerer = Answerer(slow_model, Photos(1 << 24), session_bytes=1)
        mask = answerer.answer(Ask(photo_files[0], "1", CLICKS[:2])).mask
        answerer.answer(Ask(photo_files[0], "2", CLICKS[:1]))
        slow_model.decodes.clear()
        np.testing.assert_array_equal(answerer.answer(Ask(photo_files[0], "1", CLICKS[:2])).mask, mask)
        assert slow_model.decodes == [1, 2]

    def test_a_removed_click_in_the_middle(
        self, answerer: Answerer, photo_files: list[Path], slow_model: Slow
    ) -> None:
        answerer.answer(Ask(photo_files[0], "1", CLICKS))
        slow_model.decodes.clear()
        kept = (CLICKS[0], *CLICKS[2:])
        answer = answerer.answer(Ask(photo_files[0], "1", kept))
        assert slow_model.decodes == [2, 3]
        np.testing.assert_array_equal(answer.mask, Session(slow_model, photo_files[0]).set_clicks(kept))


class TestStart:
    @pytest.fixture
    def start(self) -> NDArray[np.bool_]:
        mask = np.zeros((200, 300), bool)
        mask[120:180, 200:280] = True
        return mask

    def test_without_clicks_it_is_the_answer(
        self, answerer: Answerer, photo_files: list[Path], start: NDArray[np.bool_]
    ) -> None:
        answer = answerer.answer(Ask(photo_files[0], "1", (), start))
        np.testing.assert_array_equal(answer.mask, start)
        assert answer.score == 0.0

    def test_clicks_go_on_from_it(
        self, answerer: Answerer, photo_files: list[Path], start: NDArray[np.bool_], disk_model: Backend
    ) -> None:
        answer = answerer.answer(Ask(photo_files[0], "1", CLICKS[:1], start))
        session = Session(disk_model, photo_files[0], start=start)
        np.testing.assert_array_equal(answer.mask, session.add(CLICKS[0]))
        assert answer.mask[150, 240]

    def test_a_probability_will_do(
        self, answerer: Answerer, photo_files: list[Path], start: NDArray[np.bool_]
    ) -> None:
        soft = np.where(start, np.float32(0.9), np.float32(0.2))
        answer = answerer.answer(Ask(photo_files[0], "1", (), soft))
        np.testing.assert_array_equal(answer.mask, start)

    def test_another_start_begins_anew_an_equal_one_does_not(
        self, answerer: Answerer, photo_files: list[Path], start: NDArray[np.bool_], slow_model: Slow
    ) -> None:
        answerer.answer(Ask(photo_files[0], "1", CLICKS[:2], start))
        answerer.answer(Ask(photo_files[0], "1", CLICKS[:3], start.copy()))
        assert slow_model.decodes == [1, 2, 3]
        answerer.answer(Ask(photo_files[0], "1", CLICKS[:3], ~start))
        assert slow_model.decodes == [1, 2, 3, 1, 2, 3]

    def test_one_of_another_size_is_refused(self, answerer: Answerer, photo_files: list[Path]) -> None:
        for region in (None, (0, 0, 100, 100)):
            with pytest.raises(PromptError, match="does not fit an image"):
                answerer.answer(Ask(photo_files[0], "1", CLICKS[:1], np.ones((7, 90), bool), region))


class TestRegion:
    region = (100, 50, 220, 170)

    def test_the_network_sees_only_the_part(
        self, answerer: Answerer, photo_files: list[Path], disk_model: Backend
    ) -> None:
        clicks = (Click(150, 100), Click(120, 60, False))
        answer = answerer.answer(Ask(photo_files[0], "1", clicks, region=self.region))
        part = load_image(photo_files[0])[50:170, 100:220]
        session = Session(disk_model, part)
        expected = session.set_clicks([Click(50, 50), Click(20, 10, False)])
        np.testing.assert_array_equal(answer.mask[50:170, 100:220], expected)
        assert answer.mask.shape == (200, 300)
        assert answer.mask.sum() == expected.sum() > 0
        assert not answer.mask.flags.writeable

    def test_outside_it_the_start_stays(self, answerer: Answerer, photo_files: list[Path]) -> None:
        start = np.zeros((200, 300), bool)
        start[:, 90:130] = True
        answer = answerer.answer(Ask(photo_files[0], "1", (Click(150, 100),), start, self.region))
        outside = np.ones((200, 300), bool)
        outside[50:170, 100:220] = False
        np.testing.assert_array_equal(answer.mask[outside], start[outside])
        assert answer.mask[100, 150]
        assert not start[100, 150]

    def test_it_is_encoded_once_and_apart_from_the_whole(
        self, answerer: Answerer, photo_files: list[Path], slow_model: Slow
    ) -> None:
        answerer.encode(photo_files[0])
        assert answerer.encoded(photo_files[0])
        assert not answerer.encoded(photo_files[0], self.region)
        for _ in range(2):
            answerer.answer(Ask(photo_files[0], "1", (Click(150, 100),), region=self.region))
        assert len(slow_model.encodes) == 2
        assert answerer.encoded(photo_files[0], self.region)

    def test_a_click_outside_the_part_is_refused(self, answerer: Answerer, photo_files: list[Path]) -> None:
        with pytest.raises(PromptError, match="outside"):
            answerer.answer(Ask(photo_files[0], "1", (Click(20, 20),), region=self.region))

    @pytest.mark.parametrize("region", [(0, 0, 301, 10), (-1, 0, 10, 10), (20, 20, 20, 40)])
    def test_a_part_of_nothing_is_refused(
        self, region: tuple[int, int, int, int], answerer: Answerer, photo_files: list[Path]
    ) -> None:
        with pytest.raises(PromptError, match="does not lie in an image of 300 x 200"):
            answerer.answer(Ask(photo_files[0], "1", (), region=region))


class TestMemory:
    def test_features_are_kept_within_the_bound(
        self, photo_files: list[Path], slow_model: Slow, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        encode = slow_model.disks.encode

        def heavy(images: NDArray[np.float32]) -> Any:
            features = encode(images)
            object.__setattr__(features, "nbytes", 100)
            return features

        monkeypatch.setattr(slow_model.disks, "encode", heavy)
        answerer = Answerer(slow_model, Photos(1 << 24), feature_bytes=250)
        for path in photo_files:
            answerer.encode(path)
        assert [answerer.encoded(path) for path in photo_files] == [False, True, True]

    def test_a_failure_is_told_and_tried_again(
        self, answerer: Answerer, photo_files: list[Path], slow_model: Slow
    ) -> None:
        slow_model.fails = RuntimeError("no luck")
        ask = Ask(photo_files[0], "1", CLICKS[:1])
        with pytest.raises(RuntimeError, match="no luck"):
            answerer.answer(ask)
        slow_model.fails = None
        assert answerer.answer(ask).mask.any()

    def test_a_failed_click_leaves_the_others(
        self, answerer: Answerer, photo_files: list[Path], slow_model: Slow
    ) -> None:
        answerer.answer(Ask(photo_files[0], "1", CLICKS[:2]))
        with pytest.raises(PromptError):
            answerer.answer(Ask(photo_files[0], "1", (*CLICKS[:2], Click(900, 3))))
        slow_model.decodes.clear()
        answerer.answer(Ask(photo_files[0], "1", CLICKS[:2]))
        assert slow_model.decodes == []


def test_photos_in_any_form(slow_model: Slow, picture: Callable[[int, int], NDArray[np.uint8]]) -> None:
    """Where photos come from is the window's choice: a file, a film, a camera."""
    answerer = Answerer(slow_model, Photos(1 << 20, lambda path: picture(64, 48)))
    assert answerer.answer(Ask(Path("frame 12"), "1", (Click(3, 3),))).mask.shape == (48, 64)
