"""Run lengths, as lists and as COCO's text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from skipclick import mask as library
from skipclick.errors import ImageError
from skipclick.mask import RunLengths, expand_runs, read_counts, write_counts
from skipclick.polygon import decode_segmentation


def count_runs(mask: np.ndarray) -> list[int]:
    """Run lengths by the definition: down the columns, background first."""
    counts, value = [0], False
    for pixel in mask.T.ravel():
        if pixel != value:
            counts.append(0)
            value = not value
        counts[-1] += 1
    return counts


def encode_counts(counts: list[int]) -> str:
    """COCO's text, character by character."""
    text = ""
    for index, count in enumerate(counts):
        value = count - counts[index - 2] if index > 2 else count
        while True:
            five, value = value & 31, value >> 5
            more = value != (-1 if five & 16 else 0)
            text += chr(48 + five + 32 * more)
            if not more:
                break
    return text


masks = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=12))


class TestRunLengths:
    def test_a_rectangle_as_the_reference_library_writes_it(self) -> None:
        expected = np.zeros((5, 7), np.bool_)
        expected[1:4, 2:6] = True
        assert read_counts(";32000004") == [11, 3, 2, 3, 2, 3, 2, 3, 6]
        assert (decode_segmentation({"size": [5, 7], "counts": ";32000004"}, (5, 7)) == expected).all()

    @pytest.mark.parametrize(
        ("text", "counts"),
        [("", []), ("0", [0]), ("?", [15]), ("`0", [16]), ("PT7", [(4 << 5) + (7 << 10)]), ("O", [-1])],
    )
    def test_single_numbers(self, text: str, counts: list[int]) -> None:
        assert read_counts(text) == counts

    @given(masks)
    def test_lists(self, mask: np.ndarray) -> None:
        height, width = mask.shape
        rle = {"size": [height, width], "counts": count_runs(mask)}
        assert (decode_segmentation(rle, (height, width)) == mask).all()

    @given(masks)
    def test_text(self, mask: np.ndarray) -> None:
        height, width = mask.shape
        rle = {"size": [height, width], "counts": encode_counts(count_runs(mask))}
        assert (decode_segmentation(rle, (height, width)) == mask).all()

    @given(st.lists(st.integers(0, 10**7), max_size=9))
    def test_text_of_large_numbers(self, counts: list[int]) -> None:
        assert read_counts(encode_counts(counts)) == counts

    @pytest.mark.parametrize("text", ["P", "0P", "`"])
    def test_text_that_is_cut_short(self, text: str) -> None:
        with pytest.raises(ValueError, match="cut short"):
            read_counts(text)

    @pytest.mark.parametrize("text", ["/", "p", " ", "é"])
    def test_characters_that_are_none_of_it(self, text: str) -> None:
        with pytest.raises(ValueError, match="cannot hold the character"):
            read_counts(text)

    @pytest.mark.parametrize("counts", [[], [5], [7], [10**30], [0, 5]])
    def test_counts_must_fill_the_image(self, counts: list[int]) -> None:
        with pytest.raises(ValueError, match=r"run lengths fill \d+ of 6 pixels"):
            expand_runs(counts, (2, 3))

    @pytest.mark.parametrize("counts", [None, 6, [6.0], ["6"], [7, -1], {"6": 6}])
    def test_counts_are_whole_numbers(self, counts: object) -> None:
        with pytest.raises(ValueError, match="whole numbers"):
            expand_runs(counts, (2, 3))

    def test_the_size_is_the_image_s(self) -> None:
        with pytest.raises(ValueError, match=r"for size \[3, 2\], not \[2, 3\]"):
            decode_segmentation({"size": [3, 2], "counts": [6]}, (2, 3))

    @given(masks)
    def test_written_as_by_the_definition(self, mask: np.ndarray) -> None:
        counts = count_runs(mask)
        counts = counts if counts[-1] or len(counts) == 1 else counts[:-1]
        assert library.count_runs(mask) == counts
        assert write_counts(counts) == encode_counts(counts)

    @given(st.lists(st.integers(0, 2 * 10**8), max_size=9))
    def test_large_numbers_are_written_as_by_the_definition(self, counts: list[int]) -> None:
        assert write_counts(counts) == encode_counts(counts)
        assert read_counts(write_counts(counts)) == counts

    def test_a_number_larger_than_any_image(self) -> None:
        with pytest.raises(ValueError, match="larger than any image"):
            read_counts("P" * 7 + "0")
        assert read_counts("P" * 6 + "1") == [1 << 30]


class TestKeeping:
    @settings(deadline=None)
    @given(masks)
    def test_nothing_is_lost(self, mask: np.ndarray) -> None:
        kept = RunLengths.from_mask(mask)
        assert kept.size == mask.shape
        assert (kept.to_mask() == mask).all()
        assert kept.area() == mask.sum()
        assert kept == RunLengths.from_mask(kept.to_mask())

    @given(masks)
    def test_from_views_and_read_only_masks(self, mask: np.ndarray) -> None:
        view = mask[::-1, ::-1].T
        view.flags.writeable = False
        assert (RunLengths.from_mask(view).to_mask() == view).all()

    def test_a_mask_comes_back_as_memory_of_its_own(self) -> None:
        kept = RunLengths.from_mask(np.eye(4, dtype=np.bool_))
        first = kept.to_mask()
        first[:] = True
        assert kept.to_mask().sum() == 4
        assert first.flags.c_contiguous

    @pytest.mark.parametrize("value", [False, True])
    def test_all_of_one_kind(self, value: bool) -> None:
        kept = RunLengths.from_mask(np.full((3, 5), value))
        assert read_counts(kept.counts) == ([0, 15] if value else [15])
        assert kept.area() == 15 * value

    def test_a_large_mask_is_small(self) -> None:
        rows, columns = np.mgrid[:1000, :1500]
        disk = (columns - 700) ** 2 + (rows - 500) ** 2 < 300**2
        assert len(RunLengths.from_mask(disk).counts) < 1500

    @pytest.mark.parametrize(
        "wrong", [np.zeros((3, 3), np.uint8), np.zeros(9, np.bool_), np.zeros((1, 3, 3), np.bool_)]
    )
    def test_what_is_no_mask(self, wrong: np.ndarray) -> None:
        with pytest.raises(ImageError, match="a mask is"):
            RunLengths.from_mask(wrong)

    @pytest.mark.parametrize(
        ("size", "counts"), [((3, 3), ""), ((3, 3), "8"), ((3, 3), ":"), ((3, 3), "é"), ((2, 2), "O5")]
    )
    def test_damage_is_noticed(self, size: tuple[int, int], counts: str) -> None:
        kept = RunLengths(size, counts)
        for use in (kept.to_mask, kept.area):
            with pytest.raises(ValueError, match="run lengths"):
                use()
