"""What the model does next, and which answers still count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from skipclick.apps.desktop.agenda import Agenda, Ask, same_start
from skipclick.prompt import Click

A, B, C = Path("a.jpg"), Path("b.jpg"), Path("c.jpg")


def ask(count: int = 1, *, image: Path = A, name: str = "1", start: object = None, shift: float = 0) -> Ask:
    clicks = tuple(Click(10.0 * n + shift, 5.0) for n in range(count))
    return Ask(image, name, clicks, start)  # type: ignore[arg-type]


def answers(agenda: Agenda) -> list[Ask]:
    """Every ask still to be answered, in order."""
    jobs = []
    while (job := agenda.next_job()) is not None:
        if job.ask is not None:
            jobs.append(job.ask)
    return jobs


class TestSameStart:
    mask = np.eye(4, dtype=bool)

    def test_none_is_like_none_only(self) -> None:
        assert same_start(None, None)
        assert not same_start(None, self.mask)
        assert not same_start(self.mask, None)

    def test_arrays_count_by_what_they_hold(self) -> None:
        assert same_start(self.mask, self.mask)
        assert same_start(self.mask, self.mask.copy())
        assert not same_start(self.mask, ~self.mask)
        assert not same_start(self.mask, self.mask.astype(np.float32))
        assert not same_start(self.mask, np.eye(5, dtype=bool))


class TestAsk:
    def test_more_clicks_extend_fewer(self) -> None:
        assert ask(3).extends(ask(2))
        assert ask(2).extends(ask(2))
        assert not ask(2).extends(ask(3))
        assert not ask(3).extends(ask(2, shift=1))

    def test_only_of_the_same_object_start_and_region(self) -> None:
        start = np.eye(4, dtype=bool)
        assert not ask(3, name="2").extends(ask(2))
        assert not ask(3, image=B).extends(ask(2))
        assert not ask(3, start=start).extends(ask(2))
        assert ask(3, start=start).extends(ask(2, start=start.copy()))
        region = Ask(A, "1", ask(3).clicks, region=(0, 0, 50, 50))
        assert not region.extends(ask(2))


class TestOrder:
    def test_clicks_made_while_encoding_wait_and_are_answered_in_order(self) -> None:
        agenda = Agenda()
        agenda.open(A)
        encoding = agenda.next_job()
        assert encoding is not None
        assert encoding.kind == "encode"
        asks = [ask(1), ask(2), ask(3)]
        for each in asks:
            agenda.ask(each)
        assert answers(agenda) == asks

    def test_the_image_is_encoded_once(self) -> None:
        agenda = Agenda()
        agenda.open(A)
        job = agenda.next_job()
        assert job is not None
        assert (job.kind, job.image) == ("encode", A)
        assert agenda.next_job() is None

    def test_another_model_encodes_the_open_image_again(self) -> None:
        agenda = Agenda()
        agenda.renew()
        assert agenda.next_job() is None
        agenda.open(A)
        agenda.next_job()
        agenda.renew()
        job = agenda.next_job()
        assert job is not None
        assert job.kind == "encode"

    def test_clicks_come_before_encoding_and_previews_last(self) -> None:
        agenda = Agenda()
        agenda.open(A)
        agenda.ask(ask(1))
        agenda.preview(ask(2))
        kinds = []
        while agenda.has_jobs:
            job = agenda.next_job()
            assert job is not None
            kinds.append(job.kind)
        assert kinds == ["answer", "encode", "preview"]
        assert agenda.next_job() is None

    def test_the_open_image_comes_before_others(self) -> None:
        agenda = Agenda()
        agenda.open(A)
        old, older, new = ask(1, image=A), ask(1, image=A, name="2"), ask(1, image=B)
        for each in (old, older, new):
            agenda.ask(each)
        agenda.open(B)
        assert answers(agenda) == [new, old, older]

    def test_photos_are_read_in_the_order_of_need(self) -> None:
        agenda = Agenda()
        agenda.open(A, [B, A, C])
        assert [agenda.next_read() for _ in range(4)] == [A, B, C, None]
        assert [agenda.next_ahead() for _ in range(3)] == [B, C, None]

    def test_opening_another_image_drops_what_was_to_come(self) -> None:
        agenda = Agenda()
        agenda.open(A, [B])
        agenda.open(C)
        assert [agenda.next_read(), agenda.next_read(), agenda.next_ahead()] == [C, None, None]


class TestStale:
    def test_undo_makes_the_answer_before_useless(self) -> None:
        agenda = Agenda()
        first, second, undone = ask(1), ask(2), ask(1)
        agenda.ask(first)
        agenda.ask(second)
        agenda.ask(undone)
        assert not agenda.counts(second)
        assert agenda.counts(first)
        assert answers(agenda) == [first, undone]

    def test_of_an_answer_under_way_too(self) -> None:
        agenda = Agenda()
        agenda.open(A)
        running = ask(2)
        agenda.ask(running)
        agenda.next_job()
        assert agenda.counts(running)
        agenda.ask(ask(1))
        assert not agenda.counts(running)

    def test_more_clicks_do_not_make_it_useless(self) -> None:
        agenda = Agenda()
        running = ask(2)
        agenda.ask(running)
        agenda.next_job()
        agenda.ask(ask(3))
        assert agenda.counts(running)
        agenda.done(running)
        assert agenda.counts(running)  # the newer one still extends it

    def test_another_object_or_image_does_not_either(self) -> None:
        agenda = Agenda()
        agenda.open(A)
        running = ask(2)
        agenda.ask(running)
        agenda.ask(ask(1, name="2"))
        agenda.open(B)
        agenda.ask(ask(1, image=B))
        assert agenda.counts(running)

    def test_another_start_does(self) -> None:
        agenda = Agenda()
        running = ask(2)
        agenda.ask(running)
        agenda.ask(ask(2, start=np.ones((4, 4), bool)))
        assert not agenda.counts(running)

    def test_what_is_forgotten_does_not_count(self) -> None:
        agenda = Agenda()
        asks = [ask(1), ask(1, name="2"), ask(1, image=B)]
        for each in asks:
            agenda.ask(each)
        agenda.forget(A, "1")
        assert [agenda.counts(each) for each in asks] == [False, True, True]
        agenda.forget(A)
        assert answers(agenda) == [asks[2]]

    def test_done_lets_go_of_everything(self) -> None:
        agenda = Agenda()
        only = ask(1)
        agenda.ask(only)
        agenda.next_job()
        agenda.done(only)
        assert not agenda.counts(only)
        assert not agenda.has_jobs


class TestPreview:
    def test_only_the_newest_is_wanted(self) -> None:
        agenda = Agenda()
        old, new = ask(1), ask(1, shift=3)
        agenda.preview(old)
        agenda.preview(new)
        assert answers(agenda) == [new]
        assert agenda.wants_preview(new)
        assert not agenda.wants_preview(old)

    def test_one_under_way_is_no_longer_wanted_after_a_newer_one(self) -> None:
        agenda = Agenda()
        old = ask(1)
        agenda.preview(old)
        agenda.next_job()
        assert agenda.wants_preview(old)
        agenda.preview(ask(1, shift=3))
        assert not agenda.wants_preview(old)

    @pytest.mark.parametrize("what", ["none", "click", "open", "forget"])
    def test_what_ends_it(self, what: str) -> None:
        agenda = Agenda()
        agenda.open(A)
        agenda.next_job()
        agenda.preview(glance := ask(1))
        if what == "none":
            agenda.preview(None)
        elif what == "click":
            agenda.ask(ask(1, name="2"))
            agenda.next_job()
        elif what == "open":
            agenda.open(B)
            agenda.next_job()
        else:
            agenda.forget(A)
        assert not agenda.wants_preview(glance)
        assert not agenda.has_jobs
        assert agenda.next_job() is None

    def test_forgetting_another_image_leaves_it(self) -> None:
        agenda = Agenda()
        agenda.preview(glance := ask(1))
        agenda.forget(B)
        assert agenda.wants_preview(glance)


class AnyOrder(RuleBasedStateMachine):
    """A user who clicks, undoes and changes images while a slow model answers one ask at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.agenda = Agenda()
        self.clicks: dict[tuple[Path, str], list[Click]] = {}
        self.last: dict[tuple[Path, str], Ask] = {}
        self.shown: dict[tuple[Path, str], Ask] = {}
        self.running: Ask | None = None
        self.count = 0

    objects = st.tuples(st.sampled_from([A, B]), st.sampled_from(["1", "2"]))

    def say(self, key: tuple[Path, str]) -> None:
        self.last[key] = Ask(*key, tuple(self.clicks[key]))
        self.agenda.ask(self.last[key])

    @rule(key=objects)
    def click(self, key: tuple[Path, str]) -> None:
        self.count += 1
        self.clicks.setdefault(key, []).append(Click(float(self.count), 0.0))
        self.say(key)

    @rule(key=objects)
    def undo(self, key: tuple[Path, str]) -> None:
        if self.clicks.get(key):
            self.clicks[key].pop()
            self.say(key)

    @rule(image=st.sampled_from([A, B]))
    def open(self, image: Path) -> None:
        self.agenda.open(image)

    @rule()
    def begin(self) -> None:
        if self.running is None and (job := self.agenda.next_job()) is not None:
            self.running = job.ask

    @rule()
    def finish(self) -> None:
        if self.running is None:
            return
        key = self.running.image, self.running.object
        if self.agenda.counts(self.running):
            self.shown[key] = self.running
        self.agenda.done(self.running)
        self.running = None

    @invariant()
    def what_is_shown_was_meant(self) -> None:
        """An answer that counts is a step of what the user wants now."""
        if self.running is not None:
            wanted = tuple(self.clicks[self.running.image, self.running.object])
            counts = self.agenda.counts(self.running)
            assert not counts or wanted[: len(self.running.clicks)] == self.running.clicks

    @invariant()
    def nothing_useless_waits(self) -> None:
        for each in self.agenda._asks:
            assert self.agenda.counts(each)

    def teardown(self) -> None:
        """Once at rest, every object shows the answer to the last thing said, and nothing is held."""
        self.finish()
        while self.agenda.has_jobs:
            self.begin()
            self.finish()
        assert self.shown.keys() == self.last.keys()
        for key, wanted in self.last.items():
            assert self.shown[key] is wanted
        assert not self.agenda._latest


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
