"""A bounded memory for several threads."""

from __future__ import annotations

import threading
from collections import OrderedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipclick.apps.desktop.bytecache import ByteCache


def cache(limit: int = 100) -> ByteCache[str, int]:
    return ByteCache(limit, lambda value: value)


class TestBound:
    def test_what_is_kept_is_not_made_again(self) -> None:
        kept = cache()
        assert kept.get("a", lambda: 40) == 40
        assert kept.get("a", lambda: pytest.fail("made twice")) == 40
        assert "a" in kept

    def test_the_longest_unused_goes_first(self) -> None:
        kept = cache()
        kept.put("a", 40)
        kept.put("b", 40)
        assert kept.find("a") == 40
        kept.put("c", 40)
        assert "a" in kept
        assert "b" not in kept
        assert kept.nbytes == 80

    def test_one_value_stays_however_large_it_is(self) -> None:
        kept = cache()
        kept.put("a", 10)
        kept.put("huge", 5000)
        assert kept.find("huge") == 5000
        assert len(kept) == 1
        kept.put("b", 20)
        assert "huge" not in kept
        assert kept.nbytes == 20

    def test_another_value_takes_the_place_of_the_first(self) -> None:
        kept = cache()
        kept.put("a", 60)
        kept.put("a", 70)
        assert (kept.find("a"), kept.nbytes, len(kept)) == (70, 70, 1)

    def test_what_is_not_there_is_none(self) -> None:
        assert cache().find("a") is None

    @given(
        st.integers(1, 60),
        st.lists(st.tuples(st.sampled_from(["put", "find", "get"]), st.sampled_from("abcdef"))),
    )
    def test_it_behaves_like_a_plain_list_of_what_was_used(
        self, limit: int, steps: list[tuple[str, str]]
    ) -> None:
        kept: ByteCache[str, int] = ByteCache(limit, lambda value: value)
        model: OrderedDict[str, int] = OrderedDict()
        for count, (what, key) in enumerate(steps):
            value = count % 25
            if what == "find":
                assert kept.find(key) == model.get(key)
            elif what == "get":
                made = kept.get(key, lambda value=value: value)  # type: ignore[misc]
                assert made == model.setdefault(key, value)
            else:
                kept.put(key, value)
                model[key] = value
            if key in model:
                model.move_to_end(key)
            while sum(model.values()) > limit and len(model) > 1:
                model.popitem(last=False)
            assert kept.nbytes == sum(model.values())
            assert {each for each in "abcdef" if each in kept} == set(model)
            assert kept.nbytes <= limit or len(kept) == 1


class TestThreads:
    def test_what_one_thread_makes_another_waits_for(self) -> None:
        kept, begun, go = cache(), threading.Event(), threading.Event()
        made: list[int] = []

        def slow() -> int:
            begun.set()
            assert go.wait(10)
            return 7

        threads = [threading.Thread(target=lambda: made.append(kept.get("a", slow)))]
        threads[0].start()
        assert begun.wait(10)
        threads.append(
            threading.Thread(target=lambda: made.append(kept.get("a", lambda: pytest.fail("made twice"))))
        )
        threads[1].start()
        go.set()
        for thread in threads:
            thread.join(10)
        assert made == [7, 7]

    def test_another_key_does_not_wait(self) -> None:
        kept, begun, go = cache(), threading.Event(), threading.Event()

        def slow() -> int:
            begun.set()
            assert go.wait(10)
            return 7

        thread = threading.Thread(target=lambda: kept.get("a", slow))
        thread.start()
        assert begun.wait(10)
        assert kept.get("b", lambda: 8) == 8
        go.set()
        thread.join(10)
        assert kept.find("a") == 7

    def test_who_waited_for_a_failure_tries_again(self) -> None:
        kept, begun, go = cache(), threading.Event(), threading.Event()
        failures: list[str] = []

        def failing() -> int:
            begun.set()
            assert go.wait(10)
            raise OSError("the disk is gone")

        def first() -> None:
            try:
                kept.get("a", failing)
            except OSError as error:
                failures.append(str(error))

        made: list[int] = []
        threads = [threading.Thread(target=first)]
        threads[0].start()
        assert begun.wait(10)
        threads.append(threading.Thread(target=lambda: made.append(kept.get("a", lambda: 9))))
        threads[1].start()
        go.set()
        for thread in threads:
            thread.join(10)
        assert failures == ["the disk is gone"]
        assert made == [9]

    def test_a_failure_keeps_nothing(self) -> None:
        kept = cache()
        with pytest.raises(ZeroDivisionError):
            kept.get("a", lambda: 1 // 0)
        assert "a" not in kept
        assert kept.get("a", lambda: 3) == 3
