"""Clicks in order on one image, driven by a back end of a few lines."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from skipclick.encoded import EncodedImage, decode_clicks, decode_scaled, encode_image
from skipclick.errors import ImageError, ModelError, PromptError
from skipclick.image import to_network
from skipclick.mask import iou, remove_specks, sigmoid
from skipclick.prompt import Click, Prompt
from skipclick.resize import resize_aligned
from skipclick.session import Session, check_start


@dataclass(frozen=True)
class StubFeatures:
    images: NDArray[np.float32]

    @property
    def batch(self) -> int:
        return len(self.images)

    @property
    def size(self) -> tuple[int, int]:
        return self.images.shape[2], self.images.shape[3]

    @property
    def nbytes(self) -> int:
        return self.images.nbytes


class Stub:
    """The stub network of specification 4.9, which also counts and keeps what it is asked."""

    name, device = "stub", "cpu"

    def __init__(self, stride: int = 14) -> None:
        self.stride, self.fingerprint = stride, "no weights"
        self.encoded: list[NDArray[np.float32]] = []
        self.asked: list[list[Prompt]] = []

    def encode(self, images: NDArray[np.float32]) -> StubFeatures:
        self.encoded.append(images)
        return StubFeatures(images)

    def decode(self, features: StubFeatures, prompts: Sequence[Prompt]) -> NDArray[np.float32]:
        if len(prompts) != features.batch:
            raise ModelError("one prompt for each image")
        self.asked.append(list(prompts))
        h, w = features.size
        row, column = np.arange(h)[:, None], np.arange(w)[None, :]
        answers = []
        for image, prompt in zip(features.images.astype(np.float64), prompts, strict=True):
            previous = 0 if prompt.previous is None else prompt.previous.astype(np.float64)
            logits = 8 * (image[0] - 0.5) + 2 * (previous - 0.5) + 3 * (column / w - 0.5)
            for click in prompt.clicks:
                if max(click.x, click.y) >= 0:
                    near = np.exp(-((row - click.y) ** 2) / 1250) * np.exp(-((column - click.x) ** 2) / 1250)
                    logits = logits + (5 if click.positive else -5) * near
            answers.append(logits)
        return np.stack(answers).astype(np.float32)


IMAGE = np.random.default_rng(7).integers(0, 256, (30, 40, 3), dtype=np.uint8)
CLICKS = [Click(3, 4), Click(30.5, 20, positive=False), Click(12, 25), Click(39.5, -0.5), Click(-0.5, 29.5)]

anywhere = st.builds(Click, st.floats(-0.5, 39.5), st.floats(-0.5, 29.5), st.booleans())
lists = st.lists(anywhere, max_size=4)


def small(**options: object) -> tuple[Stub, Session]:
    model = Stub()
    return model, Session(model, IMAGE, **{"size": 56, **options})  # type: ignore[arg-type]


def state(session: Session) -> tuple[object, ...]:
    """Everything that can be seen of a session, for comparison bit for bit."""
    logits = None if session.logits is None else session.logits.tobytes()
    return session.clicks, logits, session.probability.tobytes(), session.mask.tobytes()


# --- the published loop -------------------------------------------------------------------------------


def anchor_image() -> np.ndarray:
    row, column = np.mgrid[:375, :500]
    wave = sum(np.abs(each % 200 - 100) for each in (column, row))
    red = 255 * wave // 200
    return np.stack([red, red // 2, 255 - red], axis=-1).astype(np.uint8)


def anchor_truth() -> tuple[np.ndarray, np.ndarray]:
    row, column = np.mgrid[:375, :500]
    outer = ((row - 180) / 110) ** 2 + ((column - 260) / 150) ** 2
    inner = ((row - 170) / 40) ** 2 + ((column - 300) / 40) ** 2
    ignored = np.abs(outer - 1) < 0.03
    return (outer <= 1) & (inner > 1) & ~ignored, ignored


ANCHORS = {
    (448, True): (
        "+(183,187) +(111,248) -(38,199) -(40,400) -(200,41) -(200,448) +(248,300) -(344,200)",
        "0.23664 0.29284 0.30456 0.31933 0.33533 0.35321 0.40291 0.42786",
        (0.418551, 0.993193, 0.840440),
    ),
    (448, False): (
        "+(183,187) -(200,452) -(47,405) -(336,404) -(37,203) +(107,257) -(254,423) +(252,297)",
        "0.22323 0.24318 0.25712 0.27439 0.29064 0.33771 0.36422 0.41625",
        None,
    ),
    (672, True): (
        "+(183,187) +(112,245) -(38,400) -(200,40) -(38,195) -(200,448) +(248,300) -(344,200)",
        "0.21908 0.26427 0.27446 0.27973 0.28611 0.29584 0.32444 0.33925",
        (0.449962, 0.993201, 0.801239),
    ),
    (672, False): (
        "+(183,187) -(200,452) -(47,405) -(336,404) -(37,203) -(248,429) +(108,256) -(31,458)",
        "0.20447 0.22573 0.23301 0.23952 0.24717 0.25405 0.27370 0.28603",
        None,
    ),
}


def test_the_anchor_image_is_the_one_of_the_specification() -> None:
    truth, ignored = anchor_truth()
    assert int(anchor_image()[..., 0].sum(dtype=np.int64)) == 23_248_978
    assert (int(truth.sum()), int(ignored.sum())) == (45_270, 3_100)


@pytest.mark.parametrize(("size", "mirror"), ANCHORS)
def test_the_loop_gives_the_published_numbers(size: int, mirror: bool) -> None:
    moves, ious, final = ANCHORS[size, mirror]
    truth, ignored = anchor_truth()
    session = Session(Stub(), anchor_image(), size=size, mirror=mirror, threshold=0.49)
    for move, want in zip(moves.split(), ious.split(), strict=True):
        row, column = (int(each) for each in move[2:-1].split(","))
        mask = session.add(Click(column, row, positive=move[0] == "+"))
        # One pixel is 1e-5; where a probability is 0.49 up to rounding, one may fall on the other side.
        assert iou(mask, truth, ignored) == pytest.approx(float(want), abs=1.7e-5)
    if final is not None:
        probability = session.probability
        found = probability.mean(dtype=np.float64), probability[0, 0], probability[180, 260]
        assert found == pytest.approx(final, abs=2e-6)


def test_the_network_is_told_what_is_published() -> None:
    model, session = small()
    for click in CLICKS[:3]:
        session.add(click)
    first, second, third = (asked[0] for asked in model.asked)
    assert first.previous is None
    assert [len(each.clicks) for each in (first, second, third)] == [1, 2, 3]
    for click, told in zip(CLICKS, third.clicks, strict=False):
        assert told == Click(56 * click.x / 40, 56 * click.y / 30, click.positive)
    session.undo()
    want = resize_aligned(session.probability, (56, 56))
    assert third.previous is not None
    assert third.previous.dtype == np.float32
    np.testing.assert_allclose(third.previous, want, atol=1e-6)


def test_the_previous_mask_is_that_of_an_image_much_larger_than_the_network() -> None:
    model = Stub()
    session = Session(model, np.tile(IMAGE, (20, 20, 1)), size=56)
    session.add(Click(100, 100))
    want = resize_aligned(session.probability, (56, 56))
    session.add(Click(300, 300))
    np.testing.assert_allclose(model.asked[1][0].previous, want, atol=1e-6)


def test_the_mirrored_image_is_told_the_mirrored_prompt() -> None:
    model, session = small(mirror=True, size=(56, 70))
    for click in CLICKS:
        session.add(click)
    assert len(model.encoded) == 1
    np.testing.assert_array_equal(model.encoded[0][1], model.encoded[0][0][..., ::-1])
    plain, mirrored = model.asked[-1]
    np.testing.assert_array_equal(plain.previous[:, ::-1], mirrored.previous)
    for click, twin in zip(plain.clicks, mirrored.clicks, strict=True):
        assert twin == Click(70 - click.x - 1, click.y, click.positive)


def test_a_symmetric_scene_gets_a_symmetric_answer_with_the_mirror() -> None:
    image = np.concatenate([IMAGE, IMAGE[:, ::-1]], axis=1)
    session = Session(Stub(), image, size=56, mirror=True)
    session.add(Click((56 - 1) / 2 * 80 / 56, 10))
    np.testing.assert_allclose(session.probability, session.probability[:, ::-1], atol=1e-6)


def test_the_average_is_that_of_the_logits() -> None:
    model = Stub()
    encoded = encode_image(model, IMAGE, size=56, mirror=True)
    found = decode_clicks(model, encoded, CLICKS, None)
    one, other = model.decode(encoded.features, model.asked[0])  # type: ignore[arg-type]
    np.testing.assert_allclose(found, (one + other[:, ::-1]) / 2, atol=1e-6)
    assert found.dtype == np.float32


def test_clicks_in_the_networks_pixels_may_lie_beyond_its_border() -> None:
    model = Stub()
    encoded = encode_image(model, IMAGE, size=(56, 70), mirror=True)
    previous = np.linspace(0, 1, 56 * 70, dtype=np.float32).reshape(56, 70)
    decode_scaled(model, encoded.features, [Click(-3, 80), Click(75, 2, False)], previous, mirror=True)
    plain, mirrored = model.asked[0]
    assert plain.clicks == (Click(-3, 80), Click(75, 2, False))
    assert mirrored.clicks == (Click(72, 80), Click(-6, 2, False))
    np.testing.assert_array_equal(mirrored.previous, previous[:, ::-1])


@pytest.mark.parametrize("mirror", [False, True])
def test_a_click_in_the_corner_pixel_counts(mirror: bool) -> None:
    model, session = small(mirror=mirror)
    for corner in ((-0.5, -0.5), (39.5, -0.5), (-0.5, 29.5), (39.5, 29.5)):
        session.reset()
        session.add(Click(*corner))
        for prompt in model.asked[-1]:
            assert max(prompt.clicks[0].x, prompt.clicks[0].y) >= 0, "or the map takes it for an unused slot"


# --- the image ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mirror", [False, True])
def test_an_image_is_encoded_once_whatever_happens(mirror: bool) -> None:
    model, session = small(mirror=mirror)
    for click in CLICKS:
        session.add(click)
    session.undo()
    session.set_clicks(CLICKS[::-1])
    session.reset()
    session.add(CLICKS[0])
    assert len(model.encoded) == 1
    np.testing.assert_array_equal(model.encoded[0][0], to_network(IMAGE, (56, 56)))


def test_an_encoded_image_serves_many_sessions() -> None:
    model = Stub()
    encoded = encode_image(model, IMAGE, size=(56, 70), mirror=True)
    assert isinstance(encoded, EncodedImage)
    assert (encoded.shape, encoded.size, encoded.mirror) == ((30, 40), (56, 70), True)
    one, other = Session(model, encoded), Session(model, encoded, size=448, mirror=False)
    one.add(CLICKS[0])
    assert other.clicks == ()
    other.add(CLICKS[0])
    assert state(one) == state(other)
    assert one.encoded is other.encoded is encoded
    assert len(model.encoded) == 1


def test_a_session_reads_files(tmp_path: Path) -> None:
    Image.fromarray(IMAGE).save(tmp_path / "a.png")
    session = Session(Stub(), tmp_path / "a.png", size=56)
    assert session.shape == (30, 40)
    with pytest.raises(ImageError, match="does not exist"):
        Session(Stub(), tmp_path / "b.png")


def test_sizes_go_through_the_rules_of_the_image_module() -> None:
    assert Session(Stub(), IMAGE, size="auto").encoded.size == (448, 448)
    assert Session(Stub(), IMAGE).encoded.size == (448, 448)
    with pytest.raises(ModelError, match="use 448 or 464"):
        Session(Stub(stride=16), IMAGE, size=450)


# --- what is seen -------------------------------------------------------------------------------------


def test_before_the_first_click_nothing_is_object() -> None:
    model, session = small()
    assert session.clicks == ()
    assert session.logits is None
    assert session.probability.shape == session.mask.shape == (30, 40)
    assert not session.probability.any()
    assert not session.mask.any()
    assert model.asked == []


def test_what_is_seen_has_the_promised_kinds() -> None:
    _, session = small()
    mask = session.add(CLICKS[0])
    assert mask is session.mask
    assert mask.dtype == np.bool_
    assert session.probability.dtype == session.logits.dtype == np.float32
    assert session.logits.shape == (56, 56)
    np.testing.assert_array_equal(session.probability, resize_aligned(sigmoid(session.logits), (30, 40)))
    np.testing.assert_array_equal(mask, session.probability > 0.5)
    assert 0 < mask.sum() < mask.size


def test_the_threshold_is_strict_and_only_for_the_mask() -> None:
    model, session = small(threshold=0.25, start=np.full((30, 40), 0.25))
    assert not session.mask.any()
    _, plain = small(start=np.full((30, 40), 0.25))
    session.add(CLICKS[0])
    plain.add(CLICKS[0])
    np.testing.assert_array_equal(session.probability, plain.probability)
    np.testing.assert_array_equal(session.mask, session.probability > 0.25)
    assert len(model.asked) == 1


@pytest.mark.parametrize("threshold", [-0.1, 1, math.nan])
def test_a_threshold_is_a_probability(threshold: float) -> None:
    with pytest.raises(PromptError, match="threshold"):
        small(threshold=threshold)


def test_specks_are_removed_from_the_mask_alone() -> None:
    _, plain = small()
    _, clean = small(specks=12)
    for click in CLICKS[:3]:
        plain.add(click)
        clean.add(click)
    np.testing.assert_array_equal(clean.probability, plain.probability)
    np.testing.assert_array_equal(clean.mask, remove_specks(plain.mask, 12))
    assert (clean.mask != plain.mask).any()


def test_callers_cannot_damage_the_history() -> None:
    _, session = small(start=IMAGE[..., 0] > 99)
    for array in (
        session.mask,
        session.probability,
        session.add(CLICKS[0]),
        session.logits,
        session.probability,
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 0


@pytest.mark.parametrize("where", [(-0.51, 3), (39.51, 3), (3, -0.51), (3, 29.51), (1e9, 3)])
def test_clicks_outside_the_image_change_nothing(where: tuple[float, float]) -> None:
    model, session = small()
    session.add(CLICKS[0])
    session.add(CLICKS[1])
    session.undo()
    before, runs = state(session), len(model.asked)
    with pytest.raises(PromptError, match="outside the image of 40 x 30 pixels"):
        session.add(Click(*where))
    with pytest.raises(PromptError, match="outside"):
        session.set_clicks([CLICKS[2], Click(*where)])
    assert state(session) == before
    assert len(model.asked) <= runs + 1
    assert session.redo(), "what was undone can still be redone"


def test_a_failing_back_end_leaves_the_session_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    model, session = small()
    session.add(CLICKS[0])
    session.add(CLICKS[1])
    session.undo()
    before = state(session)

    def broken(*_: object) -> None:
        raise ModelError("out of memory")

    with monkeypatch.context() as patch:
        patch.setattr(model, "decode", broken)
        for attempt in (lambda: session.add(CLICKS[2]), lambda: session.set_clicks(CLICKS)):
            with pytest.raises(ModelError, match="memory"):
                attempt()
    assert state(session) == before
    assert session.redo()


def test_a_back_end_may_use_its_memory_again() -> None:
    class Thrifty(Stub):
        buffer = np.zeros((1, 56, 56), np.float32)

        def decode(self, features: StubFeatures, prompts: Sequence[Prompt]) -> NDArray[np.float32]:
            self.buffer[:] = super().decode(features, prompts)
            return self.buffer

    thrifty, (_, plain) = Session(Thrifty(), IMAGE, size=56), small()
    for session in (thrifty, plain):
        session.set_clicks(CLICKS)
        session.undo()
    assert state(thrifty) == state(plain)


# --- history ------------------------------------------------------------------------------------------


def test_undo_and_redo_restore_every_state_without_the_network() -> None:
    model, session = small(mirror=True)
    states = [state(session)]
    for click in CLICKS:
        session.add(click)
        states.append(state(session))
    runs = len(model.asked)
    for want in reversed(states[:-1]):
        assert session.undo() is True
        assert state(session) == want
    assert session.undo() is False
    assert state(session) == states[0]
    for want in states[1:]:
        assert session.redo() is True
        assert state(session) == want
    assert session.redo() is False
    assert state(session) == states[-1]
    assert len(model.asked) == runs == len(CLICKS)


@settings(max_examples=40, deadline=None)
@given(lists, lists, lists)
def test_what_was_undone_leaves_no_trace(
    before: list[Click], undone: list[Click], after: list[Click]
) -> None:
    _, wandering = small()
    for click in (*before, *undone):
        wandering.add(click)
    for _ in undone:
        wandering.undo()
    for click in after:
        wandering.add(click)
    _, direct = small()
    for click in (*before, *after):
        direct.add(click)
    assert state(wandering) == state(direct)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(anywhere, st.sampled_from(["undo", "redo", "reset"])), max_size=14))
def test_any_walk_ends_where_its_clicks_lead(walk: list[Click | str]) -> None:
    model, session = small()
    done: list[Click] = []
    undone: list[Click] = []
    for step in walk:
        if isinstance(step, Click):
            session.add(step)
            done.append(step)
            undone.clear()
        elif step == "undo":
            assert session.undo() is bool(done)
            undone += [done.pop()] if done else []
        elif step == "redo":
            assert session.redo() is bool(undone)
            done += [undone.pop()] if undone else []
        else:
            session.reset()
            done, undone = [], []
        assert session.clicks == tuple(done)
    assert len(model.asked) == sum(isinstance(step, Click) for step in walk)
    _, direct = small()
    direct.set_clicks(done)
    assert state(session) == state(direct)


def test_adding_drops_what_could_be_redone() -> None:
    _, session = small()
    session.add(CLICKS[0])
    session.add(CLICKS[1])
    session.undo()
    session.add(CLICKS[2])
    assert session.redo() is False
    assert session.clicks == (CLICKS[0], CLICKS[2])


def test_reset_forgets_all_clicks_and_keeps_the_start() -> None:
    _, session = small(start=IMAGE[..., 0] > 99)
    begin = state(session)
    session.add(CLICKS[0])
    session.add(CLICKS[1])
    session.undo()
    session.reset()
    assert state(session) == begin
    assert not session.undo()
    assert not session.redo()


def test_the_order_of_clicks_matters() -> None:
    _, one = small()
    _, other = small()
    one.set_clicks(CLICKS[:2])
    other.set_clicks(CLICKS[1::-1])
    assert one.logits.tobytes() != other.logits.tobytes()


@settings(max_examples=40, deadline=None)
@given(lists, lists, lists)
def test_setting_clicks_runs_only_from_the_first_new_one(
    common: list[Click], old: list[Click], new: list[Click]
) -> None:
    model, session = small()
    session.set_clicks([*common, *old])
    runs = len(model.asked)
    mask = session.set_clicks([*common, *new])
    kept = len(common)
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        kept += 1
    assert len(model.asked) - runs == len(common) + len(new) - kept
    assert session.clicks == (*common, *new)
    _, direct = small()
    for click in (*common, *new):
        direct.add(click)
    assert state(session) == state(direct)
    np.testing.assert_array_equal(mask, direct.mask)


def test_setting_clicks_takes_any_iterable_and_drops_redo() -> None:
    model, session = small()
    session.set_clicks(click for click in CLICKS)
    session.undo()
    session.set_clicks(iter(CLICKS[:4]))
    assert len(model.asked) == len(CLICKS)
    assert not session.redo()
    assert not session.set_clicks([]).any()


def test_a_long_session_on_a_large_image_costs_little_memory() -> None:
    model = Stub()
    encoded = encode_image(model, np.zeros((1500, 2000, 3), np.uint8), size=28)
    session = Session(model, encoded)
    tracemalloc.start()
    try:
        session.set_clicks(Click(index, index) for index in range(100))
        model.asked.clear()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    current = session.probability.nbytes + session.mask.nbytes
    assert kept < current + 100 * 28 * 28 * 4 * 1.5


# --- the starting mask --------------------------------------------------------------------------------

START = IMAGE[..., 0] > 120


def test_a_mask_of_the_images_size_is_there_exactly() -> None:
    for start in (START, START.astype(np.uint8) * 255, START.astype(np.int64), START.astype(np.float64)):
        _, session = small(start=start)
        np.testing.assert_array_equal(session.mask, START)
        np.testing.assert_array_equal(session.probability, START.astype(np.float32))
        assert session.logits is None


def test_the_first_click_refines_the_start() -> None:
    model, session = small(start=START)
    session.add(CLICKS[0])
    np.testing.assert_allclose(model.asked[0][0].previous, resize_aligned(START, (56, 56)), atol=1e-6)
    _, empty = small()
    empty.add(CLICKS[0])
    assert (session.probability > empty.probability).any()
    session.undo()
    np.testing.assert_array_equal(session.mask, START)


def test_the_start_is_told_only_with_the_first_click() -> None:
    model, session = small(start=START)
    session.set_clicks(CLICKS[:2])
    session.undo()
    want = resize_aligned(session.probability, (56, 56))
    np.testing.assert_allclose(model.asked[1][0].previous, want, atol=1e-6)


def test_an_empty_start_is_no_start() -> None:
    _, with_start = small(start=np.zeros((30, 40), bool))
    _, without = small()
    with_start.add(CLICKS[0])
    without.add(CLICKS[0])
    assert state(with_start) == state(without)


def test_an_answer_can_be_the_start_of_another_session() -> None:
    _, whole = small()
    whole.add(CLICKS[0])
    model, later = small(start=whole.logits, start_kind="logits")
    np.testing.assert_array_equal(later.probability, whole.probability)
    later.add(CLICKS[1])
    first_model, whole_again = small()
    whole_again.set_clicks(CLICKS[:2])
    np.testing.assert_array_equal(model.asked[0][0].previous, first_model.asked[1][0].previous)


@pytest.mark.parametrize("shape", [(30, 40), (60, 80), (15, 20), (301, 400), (56, 56)])
def test_starts_of_the_same_proportions_or_the_networks_size_fit(shape: tuple[int, int]) -> None:
    start = np.random.default_rng(1).random(shape, dtype=np.float32)
    model, session = small(start=start)
    np.testing.assert_allclose(session.probability, resize_aligned(start, (30, 40)), atol=1e-6)
    want = resize_aligned(session.probability, (56, 56))
    session.add(CLICKS[0])
    np.testing.assert_allclose(model.asked[0][0].previous, want, atol=1e-6)


@pytest.mark.parametrize("shape", [(40, 30), (30, 30), (30, 42), (56, 57)])
def test_starts_of_other_proportions_do_not_fit(shape: tuple[int, int]) -> None:
    with pytest.raises(PromptError, match=f"{shape[1]} x {shape[0]} .*40 x 30"):
        small(start=np.zeros(shape, bool))


@pytest.mark.parametrize(("shape", "fits"), [((300, 400), True), ((56, 56), True), ((30, 41), False)])
def test_a_start_is_checked_without_a_model(shape: tuple[int, int], fits: bool) -> None:
    if fits:
        check_start(shape, (30, 40), (56, 56))
    else:
        with pytest.raises(PromptError, match="41 x 30 pixels does not fit an image of 40 x 30"):
            check_start(shape, (30, 40), (56, 56))


def test_the_kind_of_a_start_is_guessed_or_told() -> None:
    halves = np.full((30, 40), 0.5)
    logits = np.full((30, 40), -3.0)
    for start, kind, want in [
        (START, "auto", START),
        (np.full((30, 40), 2), "auto", 1),
        (halves, "auto", 0.5),
        (logits, "auto", sigmoid(-3)),
        (np.full((30, 40), 1.01), "auto", sigmoid(1.01)),
        (halves, "mask", 1),
        (halves, "logits", sigmoid(0.5)),
        (START.astype(np.uint8), "logits", sigmoid(START)),
        (START.astype(np.uint8), "probability", START),
        (np.full((30, 40), -np.inf), "logits", 0),
    ]:
        _, session = small(start=start, start_kind=kind)
        np.testing.assert_allclose(session.probability, np.broadcast_to(want, (30, 40)), rtol=1e-6)


@pytest.mark.parametrize(
    ("start", "kind", "match"),
    [
        (np.full((30, 40), np.nan), "auto", "NaN"),
        (np.full((30, 40), np.nan), "logits", "NaN"),
        (np.full((30, 40), 1.5), "probability", "from 1.5 to 1.5"),
        (np.full((30, 40), -0.5), "probability", "-0.5"),
        (np.zeros((1, 30, 40), bool), "auto", "height, width"),
        (np.zeros((0, 0), bool), "auto", "height, width"),
        (np.full((30, 40), "a"), "auto", "numbers"),
        (np.zeros((30, 40), bool), "maks", "start_kind"),
    ],
)
def test_starts_that_make_no_sense(start: np.ndarray, kind: str, match: str) -> None:
    with pytest.raises(PromptError, match=match):
        small(start=start, start_kind=kind)


@pytest.mark.parametrize("dtype", [np.bool_, np.float32, np.float64])
def test_the_start_is_kept_in_memory_of_its_own(dtype: type[np.generic]) -> None:
    start = START.astype(dtype)
    _, session = small(start=start)
    start[:] = 0
    np.testing.assert_array_equal(session.mask, START)
