from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skipclick.encoded import encode_image
from skipclick.errors import ImageError, PromptError
from skipclick.image import to_network
from skipclick.mask import sigmoid
from skipclick.prompt import Click, Prompt
from skipclick.resize import resize_aligned
from skipclick.session import Session, Zoom
from skipclick.zoom import Region, next_region, surroundings, widened

SHAPE = (600, 800)


def probability(*boxes: tuple[int, int, int, int], shape: tuple[int, int] = SHAPE) -> np.ndarray:
    found = np.zeros(shape, np.float32)
    for top, bottom, left, right in boxes:
        found[top : bottom + 1, left : right + 1] = 0.9
    return found


class TestSurroundings:
    def test_the_whole_image_before_anything_is_found(self) -> None:
        assert surroundings(np.full(SHAPE, 0.5, np.float32), [Click(3, 4)]) == Region(0, 599, 0, 799)

    def test_room_around_the_object(self) -> None:
        # 200 rows and 300 columns become 280 and 420 about the centre (299.5, 449.5).
        assert surroundings(probability((200, 399, 300, 599)), []) == Region(160, 440, 240, 660)

    def test_never_smaller_than_200_pixels(self) -> None:
        assert surroundings(probability((300, 310, 400, 420)), []) == Region(205, 405, 310, 510)

    def test_positive_clicks_are_added_and_negative_ones_are_not(self) -> None:
        found = probability((200, 399, 300, 599))
        assert surroundings(found, [Click(10, 10, False)]) == surroundings(found, [])
        # Columns 100 to 599 are 500, expanded to 700 about 349.5.
        assert surroundings(found, [Click(100, 300)]) == Region(160, 440, 0, 700)

    def test_cut_at_the_border(self) -> None:
        assert surroundings(probability((0, 20, 780, 799)), []) == Region(0, 110, 690, 799)
        assert surroundings(probability((0, 599, 0, 799)), []) == Region(0, 599, 0, 799)


class TestNextRegion:
    stored = Region(100, 300, 100, 300)

    def test_the_first(self) -> None:
        assert next_region(None, self.stored, [Click(0, 0)]) == self.stored

    def test_similar_ones_stay(self) -> None:
        wanted = Region(120, 320, 100, 300)
        assert next_region(self.stored, wanted, [Click(200, 200)]) == self.stored

    @pytest.mark.parametrize(("right", "kept"), [(501, True), (502, False)])
    def test_half_alike_is_alike_enough(self, right: int, kept: bool) -> None:
        # 201 of 402 columns, then of 403.
        wanted = Region(100, 300, 100, right)
        assert next_region(self.stored, wanted, []) == (self.stored if kept else wanted)

    def test_both_axes_count(self) -> None:
        # 201 of 281 both ways: 0.72 of each, 0.51 of both; then one row more each way.
        assert next_region(self.stored, Region(100, 380, 100, 380), []) == self.stored
        assert next_region(self.stored, Region(100, 390, 100, 390), []) == Region(100, 390, 100, 390)

    def test_apart_is_not_alike(self) -> None:
        wanted = Region(400, 500, 400, 500)
        assert next_region(self.stored, wanted, []) == wanted

    @pytest.mark.parametrize(
        ("x", "y", "inside"),
        [(100, 100, True), (299, 299, True), (300, 200, False), (200, 300, False), (99, 200, False)],
    )
    def test_a_positive_click_outside_moves_it(self, x: int, y: int, inside: bool) -> None:
        wanted = Region(101, 301, 101, 301)
        assert next_region(self.stored, wanted, [Click(x, y)]) == (self.stored if inside else wanted)
        assert next_region(self.stored, wanted, [Click(x, y, False)]) == self.stored


class TestWidened:
    region = Region(100, 299, 200, 499)  # 200 rows, 300 columns

    def found(self, *boxes: tuple[int, int, int, int]) -> np.ndarray:
        return probability(*boxes)[self.region.window] > 0.5

    def test_not_if_everything_lies_inside(self) -> None:
        assert widened(self.region, self.found((101, 298, 201, 498)), SHAPE) == self.region
        assert widened(self.region, self.found(), SHAPE) == self.region

    @pytest.mark.parametrize(
        ("box", "wider"),
        [
            ((100, 110, 300, 310), Region(0, 299, 200, 499)),
            ((290, 299, 300, 310), Region(100, 399, 200, 499)),
            ((150, 160, 200, 210), Region(100, 299, 50, 499)),
            ((150, 160, 490, 499), Region(100, 299, 200, 649)),
            ((290, 299, 490, 499), Region(100, 399, 200, 649)),
        ],
    )
    def test_edges_that_cut_move_out_by_half(self, box: tuple[int, int, int, int], wider: Region) -> None:
        assert widened(self.region, self.found(box), SHAPE) == wider

    def test_never_beyond_the_image(self) -> None:
        for region in (Region(10, 590, 10, 790), Region(0, 599, 0, 799)):
            assert widened(region, np.ones(region.shape, bool), SHAPE) == Region(0, 599, 0, 799)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.integers(0, 599), st.integers(0, 799), st.integers(1, 300), st.integers(1, 300)),
        min_size=1,
        max_size=3,
    ),
    st.lists(st.tuples(st.integers(0, 799), st.integers(0, 599)), max_size=4),
)
def test_everything_found_and_clicked_is_seen(
    boxes: list[tuple[int, int, int, int]], places: list[tuple[int, int]]
) -> None:
    found = probability(*((top, top + high, left, left + wide) for top, left, high, wide in boxes))
    clicks = [Click(x, y) for x, y in places]
    region = surroundings(found, clicks)
    assert (found > 0.5).sum() == (found[region.window] > 0.5).sum()
    assert all(region.top <= c.y <= region.bottom and region.left <= c.x <= region.right for c in clicks)
    assert found[region.window].shape == region.shape
    assert min(region.shape) >= 100  # at least half of 200 is within the image


@dataclass(frozen=True)
class Seen:
    pixels: np.ndarray
    nbytes: int = 0

    @property
    def batch(self) -> int:
        return len(self.pixels)

    @property
    def size(self) -> tuple[int, int]:
        return self.pixels.shape[2], self.pixels.shape[3]


class Red:
    """A back end that finds what is red near the clicks, and remembers what it was shown."""

    name, fingerprint, stride, device = "red", "no weights", 14, "cpu"

    def __init__(self) -> None:
        self.encoded: list[np.ndarray] = []
        self.told: list[Sequence[Prompt]] = []

    def encode(self, images: np.ndarray) -> Seen:
        self.encoded.append(images)
        return Seen(images)

    def decode(self, features: Any, prompts: Sequence[Prompt]) -> np.ndarray:
        self.told.append(prompts)
        answers = []
        for pixels, prompt in zip(features.pixels, prompts, strict=True):
            logits = 12 * (pixels[0] - 0.5)
            if prompt.previous is not None:
                logits = logits + prompt.previous
            for click in prompt.clicks:
                if not click.positive:
                    logits[: max(int(click.y), 0)] -= 3
            answers.append(logits.astype(np.float32))
        return np.stack(answers)


def photo() -> np.ndarray:
    image = np.zeros((300, 400, 3), np.uint8)
    image[130:170, 200:260, 0] = 255
    image[:, :, 1] = np.arange(400) % 256
    return image


CLICKS = [Click(230, 150), Click(10, 20, False), Click(205, 165), Click(300, 290, False), Click(20, 20)]


def literal(model: Red, image: np.ndarray, clicks: list[Click], size: tuple[int, int], mirror: bool) -> Any:
    """Specification 4.5, with everything encoded anew at every click."""
    height, width = image.shape[:2]
    found = np.zeros((height, width), np.float32)
    stored: Region | None = None
    for count in range(1, len(clicks) + 1):
        told = clicks[:count]
        stored = next_region(stored, surroundings(found, told), told)
        rows, columns = stored.shape
        batch = [to_network(np.ascontiguousarray(image[stored.window]), size)]
        previous = resize_aligned(found[stored.window], size)
        scaled = [
            Click(size[1] * (c.x - stored.left) / columns, size[0] * (c.y - stored.top) / rows, c.positive)
            for c in told
        ]
        prompts = [Prompt(tuple(scaled), previous)]
        if mirror:
            batch.append(batch[0][:, :, ::-1])
            mirrored = tuple(Click(size[1] - c.x - 1, c.y, c.positive) for c in scaled)
            prompts.append(Prompt(mirrored, previous[:, ::-1]))
        logits = model.decode(model.encode(np.stack(batch)), prompts)
        if mirror:
            logits = [(logits[0] + logits[1][:, ::-1]) / 2]
        found = np.zeros((height, width), np.float32)
        found[stored.window] = resize_aligned(sigmoid(logits[0]), stored.shape)
    return found > 0.49


@pytest.mark.parametrize("mirror", [False, True])
def test_masks_are_those_of_the_specification(mirror: bool) -> None:
    model, size = Red(), (56, 70)
    whole = encode_image(model, photo(), size=size, mirror=mirror, keep_pixels=True)
    session = Session(model, whole, zoom="published", threshold=0.49)
    for count, click in enumerate(CLICKS, start=1):
        mask = session.add(click)
        assert np.array_equal(mask, literal(Red(), photo(), CLICKS[:count], size, mirror))
    assert session.clicks == tuple(CLICKS)


def test_the_first_click_sees_the_whole_image_and_is_a_sessions() -> None:
    model = Red()
    whole = encode_image(model, photo(), size=56, mirror=True, keep_pixels=True)
    zoomed = Session(model, whole, zoom="published", threshold=0.49)
    assert np.array_equal(zoomed.add(CLICKS[0]), Session(model, whole, threshold=0.49).add(CLICKS[0]))
    assert len(model.encoded) == 1


def test_a_region_is_encoded_once_as_long_as_it_stays() -> None:
    model = Red()
    whole = encode_image(model, photo(), size=56, keep_pixels=True)
    session = Session(model, whole, zoom="published", threshold=0.49)
    for click in CLICKS[:4]:
        session.add(click)
    assert len(model.encoded) == 2  # the whole image, and the surroundings of the object
    session.add(CLICKS[4])  # far outside
    assert len(model.encoded) == 3


def test_detail_is_seen_larger_and_nothing_outside_is_found() -> None:
    model = Red()
    whole = encode_image(model, photo(), size=56, keep_pixels=True)
    session = Session(model, whole, zoom="published", threshold=0.49)
    session.add(CLICKS[0])
    mask = session.add(Click(210, 140))
    assert (model.encoded[1][0, 0] > 0.5).sum() > 1.5 * (model.encoded[0][0, 0] > 0.5).sum()
    region = surroundings(photo()[:, :, 0].astype(np.float32), [])
    outside = mask.copy()
    outside[region.window] = False
    assert mask.any()
    assert not outside.any()


def test_from_a_starting_mask_it_zooms_at_once() -> None:
    model = Red()
    start = np.zeros((300, 400), bool)
    start[140:160, 210:250] = True
    whole = encode_image(model, photo(), size=56, keep_pixels=True)
    session = Session(model, whole, zoom="published", threshold=0.49, start=start)
    assert np.array_equal(session.mask, start)
    session.add(CLICKS[0])
    assert len(model.encoded) == 2
    (prompt,) = model.told[0]
    assert prompt.previous is not None
    assert prompt.previous.max() == 1.0


def session_on(model: Red, **options: Any) -> Session:
    """One that found the object with its first click and looks closely at it since the second."""
    session = Session(model, photo(), size=(56, 70), zoom=True, **options)
    session.set_clicks(CLICKS[:3])
    return session


def seen(session: Session) -> tuple[Any, ...]:
    logits = session.logits
    assert logits is not None
    masks = session.mask.tobytes(), session.probability.tobytes()
    return session.clicks, session.region, logits.tobytes(), *masks


def test_undo_and_redo_restore_regions_too_without_the_network() -> None:
    model = Red()
    session = session_on(model)
    assert session.region != Region.whole((300, 400))
    states = [seen(session)]
    for click in CLICKS[3:]:
        session.add(click)
        states.append(seen(session))
    assert len({state[1] for state in states}) == 2  # the last click lies outside the region before it
    asked = len(model.told), len(model.encoded)
    for state in states[-2::-1]:
        assert session.undo()
        assert seen(session) == state
    for state in states[1:]:
        assert session.redo()
        assert seen(session) == state
    assert asked == (len(model.told), len(model.encoded))


def long_photo() -> tuple[np.ndarray, np.ndarray]:
    """A bar of 280 pixels, and a starting mask that knows 30 of them."""
    image, start = np.zeros((300, 400, 3), np.uint8), np.zeros((300, 400), bool)
    image[120:180, 60:340, 0] = 255
    start[140:160, 100:130] = True
    return image, start


def test_surroundings_that_cut_through_the_answer_are_widened_at_once() -> None:
    image, start = long_photo()
    sizes: dict[Zoom, tuple[int, int]] = {}
    modes: tuple[Zoom, ...] = (True, "published")
    for zoom in modes:
        model = Red()
        session = Session(model, image, size=(56, 70), start=start, zoom=zoom)
        mask = session.add(Click(115, 150))
        columns = np.flatnonzero(mask.any(axis=0))
        sizes[zoom] = int(columns[0]), int(columns[-1])
        outside = mask.copy()
        outside[session.region.window] = False
        assert not outside.any()
        found = session.probability[session.region.window] > 0.5
        cut = widened(session.region, found, session.shape) != session.region
        assert cut == (zoom == "published")
        assert len(model.told) == len(model.encoded) - 1 == (1 if zoom == "published" else 3)
    assert sizes["published"] == pytest.approx((60, 215), abs=2)  # where 200 pixels about the start end
    assert sizes[True] == pytest.approx((60, 339), abs=3)


def test_widening_ends() -> None:
    """Whatever it sees is object, so every edge cuts; the last answer counts."""

    class All(Red):
        def decode(self, features: Any, prompts: Sequence[Prompt]) -> np.ndarray:
            self.told.append(prompts)
            return np.full((len(prompts), *features.size), 5, np.float32)

    model = All()
    start = np.zeros((3000, 4000), bool)
    start[1500:1510, 2000:2010] = True
    session = Session(model, np.zeros((3000, 4000, 3), np.uint8), size=56, start=start, zoom=True)
    mask = session.add(Click(2005, 1505))
    assert len(model.told) == 4
    assert mask.sum() == mask[session.region.window].sum() == np.prod(session.region.shape)
    asked = len(model.told)
    session.undo()
    assert session.redo()
    assert np.array_equal(session.mask, mask)
    assert len(model.told) == asked


def test_what_may_as_well_be_background_widens_nothing() -> None:
    class Undecided(Red):
        def decode(self, features: Any, prompts: Sequence[Prompt]) -> np.ndarray:
            self.told.append(prompts)
            return np.zeros((len(prompts), *features.size), np.float32)

    image, start = long_photo()
    model = Undecided()
    session = Session(model, image, size=(56, 70), start=start, zoom=True)
    session.add(Click(115, 150))
    assert session.region != Region.whole(session.shape)
    assert len(model.told) == 1


def test_what_was_undone_leaves_no_trace() -> None:
    session = session_on(Red())
    session.add(Click(20, 20))  # moves the region
    session.undo()
    session.add(CLICKS[3])
    straight = session_on(Red())
    straight.add(CLICKS[3])
    assert seen(session) == seen(straight)


def test_the_mask_is_where_the_probability_is_above_the_threshold() -> None:
    session = session_on(Red(), threshold=0.2)
    assert np.array_equal(session.mask, session.probability > 0.2)
    assert session.mask.any()
    assert session.probability[0, 0] == 0


def test_clicks_outside_the_image_are_refused() -> None:
    session = session_on(Red())
    before = seen(session)
    with pytest.raises(PromptError, match="outside"):
        session.add(Click(400, 20))
    assert seen(session) == before


def test_an_encoded_image_needs_its_pixels() -> None:
    model = Red()
    with pytest.raises(ImageError, match="keep_pixels=True"):
        Session(model, encode_image(model, photo(), size=56), zoom=True)
    assert Session(model, encode_image(model, photo(), size=56)).region == Region.whole((300, 400))


def test_the_pixels_are_kept_in_memory_of_their_own() -> None:
    image = photo()
    session = Session(Red(), image, size=(56, 70), zoom=True)
    image[:] = 0
    session.set_clicks(CLICKS[:3])
    assert np.array_equal(session.mask, session_on(Red()).mask)


def test_without_zoom_the_pixels_are_not_used() -> None:
    model = Red()
    encoded = encode_image(model, photo(), size=(56, 70), keep_pixels=True)
    session, other = Session(model, encoded), Session(model, photo(), size=(56, 70))
    session.set_clicks(CLICKS)
    other.set_clicks(CLICKS)
    assert seen(session) == seen(other)
    assert session.region == Region.whole((300, 400))
