"""The calls of Segment Anything's predictor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from PIL import Image

from skipclick.errors import ImageError, PromptError
from skipclick.image import to_network
from skipclick.mask import sigmoid
from skipclick.predictor import SkipClickPredictor, score
from skipclick.prompt import Click, Prompt
from skipclick.resize import resize_aligned
from skipclick.session import Session


@dataclass(frozen=True)
class StubFeatures:
    images: NDArray[np.float32]
    batch: int
    size: tuple[int, int]
    nbytes: int = 0


class Stub:
    """Hills at positive clicks, dents at negative ones, half of the previous mask and some of the image."""

    name, fingerprint, device, stride = "stub", "no weights", "cuda:7", 14

    def __init__(self) -> None:
        self.encoded: list[NDArray[np.float32]] = []
        self.asked: list[Sequence[Prompt]] = []

    def encode(self, images: NDArray[np.float32]) -> StubFeatures:
        self.encoded.append(images)
        return StubFeatures(images, len(images), (images.shape[2], images.shape[3]))

    def decode(self, features: StubFeatures, prompts: Sequence[Prompt]) -> NDArray[np.float32]:
        self.asked.append(prompts)
        row, column = np.mgrid[: features.size[0], : features.size[1]]
        answers = []
        for image, prompt in zip(features.images, prompts, strict=True):
            logits = image[0] - 2.5 + (0 if prompt.previous is None else 2 * prompt.previous)
            for click in prompt.clicks:
                hill = np.exp(-((row - click.y) ** 2 + (column - click.x) ** 2) / 200)
                logits = logits + (4 if click.positive else -4) * hill
            answers.append(logits)
        return np.stack(answers).astype(np.float32)


IMAGE = np.random.default_rng(8).integers(0, 256, (45, 60, 3), dtype=np.uint8)
POINTS = np.array([[20, 15], [40, 30], [5.5, 40]])
LABELS = np.array([1, 1, 0])


@pytest.fixture
def model() -> Stub:
    return Stub()


@pytest.fixture
def predictor(model: Stub) -> SkipClickPredictor:
    predictor = SkipClickPredictor(model, size=56)
    predictor.set_image(IMAGE)
    return predictor


def by_session(count: int, **options: object) -> Session:
    session = Session(Stub(), IMAGE, size=56, **options)  # type: ignore[arg-type]
    for (x, y), label in zip(POINTS[:count], LABELS, strict=False):
        session.add(Click(x, y, bool(label)))
    return session


def same(found: tuple[np.ndarray, np.ndarray, np.ndarray], session: Session) -> None:
    masks, scores, logits = found
    np.testing.assert_array_equal(masks[0], session.mask)
    np.testing.assert_array_equal(logits[0], session.logits)
    assert scores[0] == np.float32(score(session.probability))


def test_shapes_and_kinds_are_those_of_segment_anything(predictor: SkipClickPredictor) -> None:
    for multimask in (False, True):
        masks, scores, logits = predictor.predict(POINTS, LABELS, multimask_output=multimask)
        assert (masks.shape, masks.dtype) == ((1, 45, 60), np.bool_)
        assert (scores.shape, scores.dtype) == ((1,), np.float32)
        assert (logits.shape, logits.dtype) == ((1, 56, 56), np.float32)
        assert 0 < masks.sum() < masks.size
        assert 0 < scores[0] < 1


def test_points_are_clicks_made_one_after_another(predictor: SkipClickPredictor) -> None:
    for count in (1, 2, 3):
        same(predictor.predict(POINTS[:count], LABELS[:count]), by_session(count))


def test_lists_and_integers_will_do(predictor: SkipClickPredictor) -> None:
    plain = predictor.predict([[20, 15]], [1])
    for points, labels in [
        (np.array([[20, 15]], np.int32), np.array([True])),
        (((20.0, 15.0),), np.array([1], np.uint8)),
    ]:
        for one, other in zip(plain, predictor.predict(points, labels), strict=True):
            np.testing.assert_array_equal(one, other)


def test_points_that_were_answered_are_not_computed_again(predictor: SkipClickPredictor, model: Stub) -> None:
    runs = []
    for count in (1, 2, 3, 3, 2, 3):
        before = len(model.asked)
        predictor.predict(POINTS[:count], LABELS[:count])
        runs.append(len(model.asked) - before)
    assert runs == [1, 1, 1, 0, 0, 1]
    predictor.predict(POINTS, 1 - LABELS)
    assert len(model.asked) == sum(runs) + 3, "another label is another click"
    assert len(model.encoded) == 1


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 59), st.integers(0, 44), st.booleans()), min_size=1), max_size=4
    )
)
def test_earlier_calls_leave_no_trace(calls: list[list[tuple[int, int, bool]]]) -> None:
    predictor = SkipClickPredictor(Stub(), size=28)
    predictor.set_image(IMAGE)
    for clicks in calls:
        points, labels = [click[:2] for click in clicks[:3]], [click[2] for click in clicks[:3]]
        fresh = SkipClickPredictor(Stub(), size=28)
        fresh.set_image(IMAGE)
        for one, other in zip(predictor.predict(points, labels), fresh.predict(points, labels), strict=True):
            np.testing.assert_array_equal(one, other)


def test_feeding_logits_back_is_one_run_and_the_same_as_a_session(
    predictor: SkipClickPredictor, model: Stub
) -> None:
    found = predictor.predict(POINTS[:1], LABELS[:1])
    for count in (2, 3):
        before = len(model.asked)
        found = predictor.predict(POINTS[:count], LABELS[:count], mask_input=found[2])
        assert len(model.asked) == before + 1
        same(found, by_session(count))


def test_feeding_logits_back_keeps_what_plain_calls_know(predictor: SkipClickPredictor, model: Stub) -> None:
    plain = predictor.predict(POINTS[:2], LABELS[:2])
    predictor.predict(POINTS[2:], LABELS[2:], mask_input=np.zeros((1, 56, 56), np.float32))
    before = len(model.asked)
    again = predictor.predict(POINTS[:2], LABELS[:2])
    assert len(model.asked) == before
    np.testing.assert_array_equal(plain[2], again[2])


def test_mask_input_alone_is_brought_to_the_image(predictor: SkipClickPredictor, model: Stub) -> None:
    given_logits = np.random.default_rng(1).normal(size=(1, 56, 56)).astype(np.float32)
    masks, scores, logits = predictor.predict(mask_input=given_logits)
    np.testing.assert_array_equal(logits, given_logits)
    probability = resize_aligned(sigmoid(given_logits[0]), (45, 60))
    np.testing.assert_array_equal(masks[0], probability > 0.5)
    assert scores[0] == np.float32(score(probability))
    assert model.asked == []


def test_the_mirror_and_the_size_are_the_predictors(model: Stub) -> None:
    predictor = SkipClickPredictor(model, size=(28, 42), mirror=True)
    predictor.set_image(IMAGE)
    found = predictor.predict(POINTS, LABELS)
    assert model.encoded[0].shape == (2, 3, 28, 42)
    session = Session(Stub(), IMAGE, size=(28, 42), mirror=True)
    session.set_clicks(Click(x, y, bool(label)) for (x, y), label in zip(POINTS, LABELS, strict=True))
    same(found, session)


# --- boxes --------------------------------------------------------------------------------------------


def test_a_box_is_a_soft_start_and_a_click_at_its_centre(predictor: SkipClickPredictor, model: Stub) -> None:
    box = np.array([10, 5, 50, 35])
    predictor.predict(box=box)
    (prompt,) = model.asked[-1]
    assert prompt.clicks == (Click(30 * 56 / 60, 20 * 56 / 45),)
    previous = resize_aligned(prompt.previous, (45, 60))
    np.testing.assert_allclose(previous[8:33, 13:48], 0.5, atol=1e-6)
    outside = np.ones((45, 60), bool)
    outside[3:38, 8:53] = False
    assert not previous[outside].any()


def test_a_box_with_points_adds_no_click(predictor: SkipClickPredictor, model: Stub) -> None:
    predictor.predict(POINTS[:1], LABELS[:1], box=[10, 5, 50, 35])
    (prompt,) = model.asked[-1]
    assert len(prompt.clicks) == 1
    assert prompt.clicks[0].x == pytest.approx(20 * 56 / 60)
    assert prompt.previous is not None
    predictor.predict(POINTS[:2], LABELS[:2], box=(10, 5, 50, 35))
    assert len(model.asked) == 2, "the same box again: one more point, one more run"
    predictor.predict(POINTS[:2], LABELS[:2], box=(10, 5, 50, 36))
    assert len(model.asked) == 4, "another box starts anew"
    predictor.predict(POINTS[:2], LABELS[:2])
    assert len(model.asked) == 6, "so does none"
    assert model.asked[-2][0].previous is None


def test_a_box_beside_mask_input_only_gives_the_click(predictor: SkipClickPredictor, model: Stub) -> None:
    predictor.predict(box=[10, 5, 50, 35], mask_input=np.full((1, 56, 56), 3, np.float32))
    (prompt,) = model.asked[-1]
    assert len(prompt.clicks) == 1
    np.testing.assert_allclose(prompt.previous, sigmoid(np.float32(3)))


@pytest.mark.parametrize(
    ("box", "rows", "columns"),
    [
        ([-100, -100, 1000, 1000], 56, 56),
        ([30, 20, 30, 20], 1, 1),
        ([59, 44, 59, 44], 1, 1),
        ([[0, 0, 59, 0]], 1, 56),
    ],
)
def test_boxes_are_cut_at_the_border_and_never_vanish(
    predictor: SkipClickPredictor, model: Stub, box: object, rows: int, columns: int
) -> None:
    predictor.predict(box=box)  # type: ignore[arg-type]
    (prompt,) = model.asked[-1]
    inside = prompt.previous > 0
    # On its way over the image's pixels a single row or column touches its neighbours.
    assert rows <= inside.any(axis=1).sum() <= rows + 2
    assert columns <= inside.any(axis=0).sum() <= columns + 2


@given(
    st.tuples(st.floats(-20, 80), st.floats(-20, 80), st.floats(0, 60), st.floats(0, 60)).filter(
        lambda b: b[0] <= 59 and b[1] <= 44 and b[0] + b[2] >= 0 and b[1] + b[3] >= 0
    )
)
@settings(max_examples=40, deadline=None)
def test_any_box_that_meets_the_image_is_answered(box: tuple[float, float, float, float]) -> None:
    predictor = SkipClickPredictor(Stub(), size=28)
    predictor.set_image(IMAGE)
    left, top, width, height = box
    masks, _, _ = predictor.predict(box=[left, top, left + width, top + height])
    assert masks.shape == (1, 45, 60)


# --- what is returned ---------------------------------------------------------------------------------


def test_logits_of_the_images_size_are_above_0_where_the_mask_is(predictor: SkipClickPredictor) -> None:
    masks, _, _ = predictor.predict(POINTS, LABELS)
    logits, _, _ = predictor.predict(POINTS, LABELS, return_logits=True)
    assert (logits.shape, logits.dtype) == ((1, 45, 60), np.float32)
    np.testing.assert_array_equal(logits > 0, masks)
    np.testing.assert_allclose(sigmoid(logits[0]), by_session(3).probability, atol=1e-6)


@settings(deadline=None)
@given(hnp.arrays(np.float32, (1, 14, 14), elements=st.floats(-200, 200, width=32)))
def test_logits_are_finite_and_agree_with_the_mask_however_sure(given_logits: np.ndarray) -> None:
    predictor = SkipClickPredictor(Stub(), size=14)
    predictor.set_image(IMAGE)
    masks, scores, _ = predictor.predict(mask_input=given_logits)
    logits, _, _ = predictor.predict(mask_input=given_logits, return_logits=True)
    assert np.isfinite(logits).all()
    np.testing.assert_array_equal(logits > 0, masks)
    assert 0 <= scores[0] <= 1


def test_what_is_returned_can_be_written_to_without_harm(predictor: SkipClickPredictor) -> None:
    first = predictor.predict(POINTS, LABELS)
    kept = [array.copy() for array in first]
    for array in first:
        array[:] = 0
    for want, found in zip(kept, predictor.predict(POINTS, LABELS), strict=True):
        np.testing.assert_array_equal(want, found)


def test_the_score_is_the_expected_overlap() -> None:
    sure = np.array([[0, 0, 1, 1]], np.float32)
    assert score(sure) == 1
    assert score(np.array([[0.25, 0.75]], np.float32)) == pytest.approx(0.75 / 1.25)
    assert score(np.array([[0.2, 0.5]], np.float32)) == 0, "an empty mask meets nothing"
    assert score(np.zeros((2, 2), np.float32)) == 0


@settings(deadline=None)
@given(hnp.arrays(np.float32, (3, 4), elements=st.floats(0, 1, width=32)))
def test_scores_lie_between_0_and_1(probability: np.ndarray) -> None:
    assert 0 <= score(probability) <= 1


# --- the image ----------------------------------------------------------------------------------------


def test_an_image_is_set_changed_and_forgotten(model: Stub, tmp_path: Path) -> None:
    predictor = SkipClickPredictor(model, size=56)
    assert not predictor.is_image_set
    predictor.set_image(IMAGE)
    assert predictor.is_image_set
    before = predictor.predict(POINTS, LABELS)
    Image.fromarray(IMAGE[:, ::-1]).save(tmp_path / "other.png")
    predictor.set_image(tmp_path / "other.png")
    assert (predictor.predict(POINTS, LABELS)[2] != before[2]).any()
    predictor.reset_image()
    assert not predictor.is_image_set
    with pytest.raises(PromptError, match="call set_image"):
        predictor.predict(POINTS, LABELS)


def test_bgr_arrays_are_turned_round(model: Stub) -> None:
    predictor = SkipClickPredictor(model, size=56)
    predictor.set_image(IMAGE[..., ::-1], "BGR")
    np.testing.assert_array_equal(model.encoded[0][0], to_network(IMAGE, (56, 56)))
    with pytest.raises(ImageError, match="RGB"):
        predictor.set_image(IMAGE, image_format="XYZ")


def test_after_an_image_that_fails_no_image_is_set(predictor: SkipClickPredictor) -> None:
    with pytest.raises(ImageError, match="does not exist"):
        predictor.set_image("no such file.png")
    assert not predictor.is_image_set


def test_the_model_and_its_device_are_seen(predictor: SkipClickPredictor, model: Stub) -> None:
    assert predictor.model is model
    assert predictor.device == "cuda:7"


# --- calls that make no sense -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({}, "give at least one point, a box or mask_input"),
        ({"point_coords": [], "point_labels": []}, "at least one point"),
        ({"point_coords": np.zeros((0, 2)), "point_labels": np.zeros(0)}, "at least one point"),
        ({"point_coords": [[1, 2]]}, "give both"),
        ({"point_labels": [1]}, "give both"),
        ({"point_coords": [1, 2], "point_labels": [1]}, r"shape \(2,\), not \(N, 2\)"),
        ({"point_coords": [[1, 2, 3]], "point_labels": [1]}, r"\(N, 2\)"),
        ({"point_coords": [[[1, 2]]], "point_labels": [[1]]}, r"\(N, 2\)"),
        ({"point_coords": [[1, 2]], "point_labels": [1, 0]}, "one for each point"),
        ({"point_coords": [[1, 2]], "point_labels": 1}, "one for each point"),
        ({"point_coords": [[1, 2]], "point_labels": [2]}, "1 for object and 0"),
        ({"point_coords": [[1, 2]], "point_labels": [-1]}, "1 for object and 0"),
        ({"point_coords": [[1, 2]], "point_labels": [0.5]}, "1 for object and 0"),
        ({"point_coords": [[1, np.nan]], "point_labels": [1]}, "point_coords must be finite"),
        ({"point_coords": [["a", "b"]], "point_labels": [1]}, "point_coords must be an array of numbers"),
        ({"point_coords": [[1, 2], [3]], "point_labels": [1, 1]}, "array of numbers"),
        ({"point_coords": [[60, 2]], "point_labels": [1]}, "outside the image of 60 x 45"),
        ({"box": [1, 2, 3]}, "left, top, right, bottom"),
        ({"box": np.zeros((2, 4))}, "left, top, right, bottom"),
        ({"box": [5, 2, 3, 4]}, "inside out"),
        ({"box": [1, 5, 3, 4]}, "inside out"),
        ({"box": [61, 2, 70, 4]}, "outside the image of 60 x 45"),
        ({"box": [1, -9, 3, -4]}, "outside the image"),
        ({"box": [1, 2, np.inf, 4]}, "box must be finite"),
        ({"mask_input": np.zeros((56, 56), np.float32)}, r"\(1, 56, 56\)"),
        ({"mask_input": np.zeros((1, 64, 64), np.float32)}, r"not \(1, 64, 64\)"),
        ({"mask_input": np.zeros((1, 56, 56), bool)}, "bool"),
        ({"mask_input": np.full((1, 56, 56), np.nan)}, "NaN"),
    ],
)
def test_calls_that_make_no_sense(
    predictor: SkipClickPredictor, model: Stub, arguments: dict[str, object], match: str
) -> None:
    with pytest.raises(PromptError, match=match) as caught:
        predictor.predict(**arguments)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert model.asked == [], "the network is not run for nothing"


def test_a_point_outside_beside_mask_input_is_refused_too(predictor: SkipClickPredictor) -> None:
    with pytest.raises(PromptError, match="outside"):
        predictor.predict([[1, 99]], [1], mask_input=np.zeros((1, 56, 56), np.float32))


def test_after_a_refused_call_the_next_one_works(predictor: SkipClickPredictor) -> None:
    predictor.predict(POINTS[:2], LABELS[:2])
    with pytest.raises(PromptError):
        predictor.predict([[20, 15], [999, 0]], [1, 1])
    same(predictor.predict(POINTS, LABELS), by_session(3))
