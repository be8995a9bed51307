"""The model in threads of its own, heard through signals."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

for needed in ("PySide6.QtWidgets", "pytestqt.qtbot"):
    pytest.importorskip(needed, reason="needs Qt and pytest-qt", exc_type=ImportError)

from skipclick.apps.desktop.agenda import Ask
from skipclick.apps.desktop.answering import Answer, Photos
from skipclick.apps.desktop.worker import ModelWorker, one_line
from skipclick.backend.protocol import Backend
from skipclick.errors import ModelError
from skipclick.prompt import Click
from skipclick.session import Session

Slow = Any  # SlowModel of the conftest
QtBot = Any
CLICKS = (Click(30, 40), Click(80, 60, False), Click(50, 90))


class Heard:
    """Everything that a worker said."""

    def __init__(self, worker: ModelWorker) -> None:
        self.answers: list[Answer] = []
        self.previews: list[Answer] = []
        self.photos: list[Path] = []
        self.encoded: list[Path] = []
        self.failures: list[tuple[Ask, str]] = []
        self.bad_images: list[tuple[Path, str]] = []
        self.models: list[str] = []
        self.model_errors: list[str] = []
        self.busy: list[str] = []
        self.threads: set[int] = set()
        worker.answered.connect(self._answer)
        worker.previewed.connect(self.previews.append)
        worker.photo_ready.connect(lambda path, photo: self.photos.append(path))
        worker.encoded.connect(lambda path, seconds: self.encoded.append(path))
        worker.failed.connect(lambda ask, message: self.failures.append((ask, message)))
        worker.image_failed.connect(lambda path, message: self.bad_images.append((path, message)))
        worker.model_ready.connect(lambda name, device: self.models.append(f"{name} on {device}"))
        worker.model_failed.connect(self.model_errors.append)
        worker.busy.connect(self.busy.append)

    def _answer(self, answer: Answer) -> None:
        self.threads.add(threading.get_ident())
        self.answers.append(answer)

    @property
    def counts(self) -> list[int]:
        return [len(answer.ask.clicks) for answer in self.answers]


@pytest.fixture
def worker(qtbot: QtBot) -> Iterator[ModelWorker]:
    made = ModelWorker(photos=Photos(1 << 26))
    yield made
    assert made.close()


@pytest.fixture
def heard(worker: ModelWorker) -> Heard:
    return Heard(worker)


def asks(path: Path, counts: list[int], name: str = "1") -> list[Ask]:
    return [Ask(path, name, CLICKS[:count]) for count in counts]


def open_and_rest(
    worker: ModelWorker,
    heard: Heard,
    model: Backend,
    path: Path,
    qtbot: QtBot,
    ahead: Sequence[Path] = (),
) -> None:
    worker.load(lambda: model)
    worker.open(path, ahead)
    qtbot.waitUntil(lambda: path in heard.encoded and path in heard.photos)


class TestOpen:
    def test_the_photo_comes_without_a_model(
        self, worker: ModelWorker, heard: Heard, photo_files: list[Path], qtbot: QtBot
    ) -> None:
        with qtbot.waitSignal(worker.photo_ready) as signal:
            worker.open(photo_files[0])
        path, photo = signal.args
        assert path == photo_files[0]
        assert photo.size == (300, 200)
        assert heard.encoded == []

    def test_with_a_model_it_is_encoded(
        self, worker: ModelWorker, heard: Heard, slow_model: Slow, photo_files: list[Path], qtbot: QtBot
    ) -> None:
        open_and_rest(worker, heard, slow_model, photo_files[0], qtbot)
        assert heard.models == ["slow disks on cpu"]
        assert slow_model.encodes == [(448, 448)]
        assert "loading" in heard.busy
        qtbot.waitUntil(lambda: heard.busy[-1] == "")

    def test_the_next_images_are_made_ready(
        self, worker: ModelWorker, heard: Heard, slow_model: Slow, photo_files: list[Path], qtbot: QtBot
    ) -> None:
        open_and_rest(worker, heard, slow_model, photo_files[0], qtbot, photo_files[1:])
        qtbot.waitUntil(lambda: len(slow_model.encodes) == 3)
        assert set(heard.photos) == set(photo_files)
        worker.open(photo_files[1])
        qtbot.waitUntil(lambda: photo_files[1] in heard.encoded)
        assert len(slow_model.encodes) == 3

    def test_a_bad_image_is_told_in_one_line_and_the_next_works(
        self,
        worker: ModelWorker,
        heard: Heard,
        slow_model: Slow,
        photo_files: list[Path],
        tmp_path: Path,
        qtbot: QtBot,
    ) -> None:
        bad = tmp_path / "bad.jpg"
        bad.write_bytes(b"\xff\xd8 not a photo")
        worker.load(lambda: slow_model)
        worker.open(bad, [tmp_path / "gone.png"])
        qtbot.waitUntil(lambda: len(heard.bad_images) == 2)
        assert [path.name for path, _ in heard.bad_images] == ["bad.jpg", "gone.png"]
        assert all("\n" not in message for _, message in heard.bad_images)
        worker.ask(Ask(bad, "1", CLICKS[:1]))
        qtbot.waitUntil(lambda: len(heard.failures) == 1)
        worker.open(photo_files[0])
        qtbot.waitUntil(lambda: heard.encoded == photo_files[:1])
        assert heard.model_errors == []


class TestClicks:
    def test_they_are_answered_like_a_session(
        self,
        worker: ModelWorker,
        heard: Heard,
        slow_model: Slow,
        disk_model: Backend,
        photo_files: list[Path],
        qtbot: QtBot,
    ) -> None:
        open_and_rest(worker, heard, slow_model, photo_files[0], qtbot)
        for each in asks(photo_files[0], [1, 2, 3]):
            worker.ask(each)
        qtbot.waitUntil(lambda: len(heard.answers) == 3)
        session = Session(disk_model, photo_files[0])
        for answer, click in zip(heard.answers, CLICKS, strict=True):
            np.testing.assert_array_equal(answer.mask, session.add(click))
        assert heard.threads == {threading.get_ident()}

    def test_asking_never_waits(
        self, worker: ModelWorker, heard: Heard, slow_model: Slow, photo_files: list[Path], qtbot: QtBot
    ) -> None:
        slow_model.gate.clear()
        worker.load(lambda: slow_model)
        worker.open(photo_files[0], photo_files[1:])
        assert slow_model.entered.wait(10)
        clock = time.perf_counter()
        for each in asks(photo_files[0], [1, 2, 3]):
            worker.ask(each)
        worker.preview(Ask(photo_files[0], "1", CLICKS[:1]))
        worker.open(photo_files[1])
        worker.open(photo_files[0])
        assert time.perf_counter() - clock < 0.5
        assert heard.answers == []
        slow_model.gate.set()
        qtbot.waitUntil(lambda: heard.counts == [1, 2, 3])

    def test_clicks_before_there_is_a_model_are_not_lost(
        self, worker: ModelWorker, heard: Heard, slow_model: Slow, photo_files: list[Path], qtbot: QtBot
    ) -> None:
        worker.open(photo_files[0])
        for each in asks(photo_files[0], [1, 2]):
            worker.ask(each)
        qtbot.wait(50)
        assert heard.answers == []
        worker.load(lambda: slow_model)
        qtbot.waitUntil(lambda: heard.counts == [1, 2])

    def test_after_an_undo_the_answer_under_way_is_not_sent(
        self, worker: ModelWorker, heard: Heard, slow_model: Slow, photo_files: list[Path], qtbot: QtBot
    ) -> None:
        open_and_rest(worker, heard, slow_model, photo_files[0], qtbot)
        slow_model.gate.clear()
        slow_model.entered.clear()
        wrong = Ask(photo_files[0], "1", (Click(200, 150),))
        worker.ask(wrong)
        assert slow_model.entered.wait(10)
        worker.ask(asks(photo_files[0], [1])[0])
        slow_model.gate.set()
        qtbot.waitUntil(lambda: len(heard.answers) == 1)
        assert heard.answers[0].ask is not wrong
        qtbot.waitUntil(lambda: heard.busy[-1] == "")
        assert len(heard.answers) == 1

    def test_answers_for_an_image_left_behind_still_come(
        self, worker: ModelWorker, heard: Heard, slow_model: Slow, photo_files: list[Path], qtbot: QtBot
    ) -> None:
        open_and_rest(worker, heard, slow_model, photo_files[0], qtbot)
        slow_model.gate.clear()
        for each in asks(photo_files[0], [1, 2]):
            worker.ask(each)
        worker.open(photo_files[1])
        worker.ask(asks(photo_files[1], [1])[0])
        slow_model.gate.set()
        qtbot.waitUntil(lambda: len(heard.answers) == 3)
        assert {(answer.ask.image, len(answer.ask.clicks)) for answer in heard.answers} == {
            (photo_files[0], 1),
            (photo_files[0], 2),
            (photo_files[1], 1),
        }

    def test_what_is_forgotten_is_not_sent(
        self, worker: ModelWorker, heard: Heard, slow_model: Slow, photo_files: list[Path], qtbot: QtBot
    ) -> None:
        open_and_rest(worker, heard, slow_model, photo_files[0], qtbot)
        slow_model.gate.clear()
        slow_model.entered.clear()
        worker.ask(asks(photo_files[0], [1])[0])
        assert slow_model.entered.wait(10)
        worker.ask(asks(photo_files[0], [1], "2")[0])
        worker.forget(photo_files[0], "1")
        slow_model.gate.set()
        qtbot.waitUntil(lambda: heard.answers != [] and heard.busy[-1] == "")
        assert [answer.ask.object for answer in heard.answers] == ["2"]

    def test_a_click_that_cannot_be_answered_is_told(
        self, worker: ModelWorker, heard: Heard, slow_model: Slow, photo_files: list[Path], qtbot: QtBot
    ) -> None:
        open_and_rest(worker, heard, slow_model, photo_files[0], qtbot)
        outside = Ask(photo_files[0], "1", (Click(5000, 3),))
        worker.ask(outside)
        worker.ask(asks(photo_files[0], [1], "2")[0])
        qtbot.waitUntil(lambda: len(heard.answers) == 1)
        assert [ask for ask, _ in heard.failures] == [outside]
        assert "lies outside the image" in heard.failures[0][1]

    def test_a_crash_in_the_model_ends_no_thread(
        self, worker: ModelWorker, heard: Heard, slow_model: Slow, photo_files: list[Path], qtbot: QtBot
    ) -> None:
        open_and_rest(worker, heard, slow_model, photo_files[0], qtbot)
        slow_model.fails = RuntimeError("bad kernel\nat 0x0")
        worker.ask(asks(photo_files[0], [1])[0])
        qtbot.waitUntil(lambda: len(heard.failures) == 1)
        assert heard.failures[0][1] == "the model failed (RuntimeError: bad kernel)"
        slow_model.fails = None
        worker.ask(asks(photo_files[0], [2])[0])
        qtbot.waitUntil(lambda: heard.counts == [2])


class TestPreview:
    def test_it_says_what_a_click_would_give(
        self, worker: ModelWorker, heard: Heard, slow_model: Slow, photo_files: list[Path], qtbot: QtBot
    ) -> None:
        open_and_rest(worker, heard, slow_model, photo_files[0], qtbot)
        glance = asks(photo_files[0], [1])[0]
        worker.preview(glance)
        qtbot.waitUntil(lambda: len(heard.previews) == 1)
        assert heard.previews[0].ask is glance
        assert heard.answers == []

    def test_of_many_only_the_last_is_answered(
        self, worker: ModelWorker, heard: Heard, slow_model: Slow, photo_files: list[Path], qtbot: QtBot
    ) -> None:
        open_and_rest(worker, heard, slow_model, photo_files[0], qtbot)
        slow_model.gate.clear()
        slow_model.entered.clear()
        worker.preview(Ask(photo_files[0], "1", (Click(1, 1),)))
        assert slow_model.entered.wait(10)
        for x in range(2, 40):
            worker.preview(Ask(photo_files[0], "1", (Click(x, 1),)))
        slow_model.gate.set()
        qtbot.waitUntil(lambda: len(heard.previews) == 1)
        assert heard.previews[0].ask.clicks == (Click(39, 1),)
        assert len(slow_model.decodes) == 2

    def test_nothing_is_encoded_for_one(
        self, worker: ModelWorker, heard: Heard, slow_model: Slow, photo_files: list[Path], qtbot: QtBot
    ) -> None:
        open_and_rest(worker, heard, slow_model, photo_files[0], qtbot)
        worker.preview(Ask(photo_files[0], "1", (Click(20, 20),), region=(0, 0, 100, 100)))
        worker.ask(asks(photo_files[0], [1])[0])
        qtbot.waitUntil(lambda: heard.counts == [1])
        assert len(slow_model.encodes) == 1
        assert heard.previews == []


class TestModel:
    def test_one_that_cannot_be_loaded_is_told_and_another_can(
        self, worker: ModelWorker, heard: Heard, slow_model: Slow, photo_files: list[Path], qtbot: QtBot
    ) -> None:
        def broken() -> Backend:
            raise ModelError("there is no model 'skipclick-xxl'; see `skipclick models`")

        worker.open(photo_files[0])
        worker.ask(asks(photo_files[0], [1])[0])
        worker.load(broken)
        qtbot.waitUntil(lambda: len(heard.model_errors) == 1)
        assert heard.model_errors == ["there is no model 'skipclick-xxl'; see `skipclick models`"]
        worker.load(lambda: slow_model)
        qtbot.waitUntil(lambda: heard.counts == [1])

    def test_after_a_failure_the_one_before_goes_on(
        self, worker: ModelWorker, heard: Heard, slow_model: Slow, photo_files: list[Path], qtbot: QtBot
    ) -> None:
        open_and_rest(worker, heard, slow_model, photo_files[0], qtbot)
        worker.load(lambda: 1 // 0)  # type: ignore[arg-type, return-value]
        qtbot.waitUntil(lambda: len(heard.model_errors) == 1)
        worker.ask(asks(photo_files[0], [1])[0])
        qtbot.waitUntil(lambda: heard.counts == [1])

    def test_another_one_encodes_anew(
        self, worker: ModelWorker, heard: Heard, slow_model: Slow, photo_files: list[Path], qtbot: QtBot
    ) -> None:
        open_and_rest(worker, heard, slow_model, photo_files[0], qtbot)
        other = type(slow_model)(slow_model.disks)
        other.name = "other"
        worker.load(lambda: other)
        qtbot.waitUntil(lambda: len(heard.encoded) == 2)
        assert heard.models[-1] == "other on cpu"
        worker.ask(asks(photo_files[0], [1])[0])
        qtbot.waitUntil(lambda: heard.counts == [1])
        assert heard.answers[0].model == "other"
        assert slow_model.decodes == []


class TestClose:
    def test_it_waits_for_what_is_under_way_and_then_is_silent(
        self, heard: Heard, worker: ModelWorker, slow_model: Slow, photo_files: list[Path], qtbot: QtBot
    ) -> None:
        open_and_rest(worker, heard, slow_model, photo_files[0], qtbot)
        slow_model.gate.clear()
        slow_model.entered.clear()
        for each in asks(photo_files[0], [1, 2, 3]):
            worker.ask(each)
        assert slow_model.entered.wait(10)
        assert not worker.close(timeout=0.05)
        slow_model.gate.set()
        assert worker.close()
        qtbot.wait(30)
        assert heard.answers == []
        assert slow_model.decodes == [1]

    def test_idle_it_ends_at_once_and_twice_does_no_harm(self, qtbot: QtBot) -> None:
        worker = ModelWorker()
        clock = time.perf_counter()
        assert worker.close()
        assert worker.close()
        assert time.perf_counter() - clock < 2


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ModelError("use another"), "use another"),
        (MemoryError(), "not enough memory; close other programs, or choose a smaller model or the CPU"),
        (
            RuntimeError("CUDA out of memory. Tried to allocate\n2 GiB"),
            "not enough memory; close other programs, or choose a smaller model or the CPU",
        ),
        (ValueError("a\nb"), "the model failed (ValueError: a)"),
        (ValueError(), "the model failed (ValueError())"),
    ],
)
def test_every_error_is_one_line(error: Exception, line: str) -> None:
    assert one_line(error) == line


def test_a_storm_of_clicks_and_undos_ends_in_the_right_masks(
    worker: ModelWorker,
    heard: Heard,
    slow_model: Slow,
    disk_model: Backend,
    photo_files: list[Path],
    qtbot: QtBot,
) -> None:
    """Whatever was asked in whatever order, the last answer of each object is to the last question."""
    rng = np.random.default_rng(5)
    worker.load(lambda: slow_model)
    worker.open(photo_files[0], photo_files[1:])
    clicks: dict[tuple[Path, str], list[Click]] = {(p, n): [] for p in photo_files for n in "12"}
    last: dict[tuple[Path, str], Ask] = {}
    keys = list(clicks)
    for _ in range(60):
        key = keys[rng.integers(len(keys))]
        if clicks[key] and rng.random() < 0.3:
            clicks[key].pop()
        else:
            clicks[key].append(Click(float(rng.integers(100)), float(rng.integers(100)), rng.random() < 0.7))
        last[key] = Ask(*key, tuple(clicks[key]))
        worker.ask(last[key])
        if rng.random() < 0.1:
            worker.open(photo_files[rng.integers(3)])

    def shown() -> dict[tuple[Path, str], Answer]:
        return {(answer.ask.image, answer.ask.object): answer for answer in heard.answers}

    qtbot.waitUntil(
        lambda: all(key in shown() and shown()[key].ask is last[key] for key in last), timeout=20_000
    )
    for key, answer in shown().items():
        expected = Session(disk_model, key[0]).set_clicks(clicks[key])
        np.testing.assert_array_equal(answer.mask, expected)


@pytest.mark.slow
def test_the_embedded_model_answers(
    worker: ModelWorker, heard: Heard, embedded_model: Backend, photo: Callable[[str], Any], qtbot: QtBot
) -> None:
    coffee = photo("coffee")
    worker.load(lambda: embedded_model)
    worker.open(coffee.path)
    y, x = (float(values.mean()) for values in np.nonzero(coffee.mask))
    worker.ask(Ask(coffee.path, "1", (Click(x, y),)))
    qtbot.waitUntil(lambda: len(heard.answers) == 1, timeout=60_000)
    expected = Session(embedded_model, coffee.path).add(Click(x, y))
    np.testing.assert_array_equal(heard.answers[0].mask, expected)
    assert heard.answers[0].model == "skipclick-s"
