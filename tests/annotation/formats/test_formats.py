"""All formats: there and back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from skipclick.annotation.errors import FormatError
from skipclick.annotation.formats import FORMATS, ExportedImage, Imported, find_format

RoundTrip = Callable[..., Imported]
Flattened = Callable[[ExportedImage], dict[int, NDArray[np.bool_]]]
NAMES = {4: "Ski, (Jump)", 2: 'a "b" <c> & ü: 滑雪', 9: "unused"}
EXACT = settings(deadline=None, max_examples=12)


@pytest.mark.parametrize("name", ["coco", "labelme", "binary"])
def test_pixels_numbers_and_classes_survive_where_objects_may_overlap(
    name: str, any_images: st.SearchStrategy[tuple[ExportedImage, ...]], there_and_back: RoundTrip
) -> None:
    @EXACT
    @given(any_images)
    def check(images: tuple[ExportedImage, ...]) -> None:
        found = there_and_back(name, images)
        expected = {
            image.name: tuple((one.id, NAMES[one.class_id], one.mask) for one in image.objects)
            for image in images
            if image.objects
        }
        back = {
            image: tuple((one.id, one.class_name, one.mask) for one in objects)
            for image, objects in found.images.items()
        }
        assert back == expected
        assert found.missing == ()
        assert found.passed_over == 0

    check()


@pytest.mark.parametrize("name", ["labels", "voc"])
def test_pixels_numbers_and_classes_survive_where_the_front_wins(
    name: str,
    any_images: st.SearchStrategy[tuple[ExportedImage, ...]],
    there_and_back: RoundTrip,
    flattened: Flattened,
) -> None:
    @EXACT
    @given(any_images)
    def check(images: tuple[ExportedImage, ...]) -> None:
        found = there_and_back(name, images)
        for image in images:
            back = {one.id: one for one in found.images.get(image.name, ())}
            expected = flattened(image)
            assert back.keys() == expected.keys()
            kinds = {one.id: NAMES[one.class_id] for one in image.objects}
            for number, mask in expected.items():
                assert (back[number].mask.to_mask() == mask).all()
                assert back[number].class_name == kinds[number]

    check()


def test_yolo_keeps_pixels_and_classes_and_the_order(
    any_images: st.SearchStrategy[tuple[ExportedImage, ...]], there_and_back: RoundTrip
) -> None:
    @EXACT
    @given(any_images)
    def check(images: tuple[ExportedImage, ...]) -> None:
        found = there_and_back("yolo", images)
        for image in images:
            back = [(one.class_name, one.mask) for one in found.images.get(image.name, ())]
            assert back == [(NAMES[one.class_id], one.mask) for one in image.objects]
        assert found.classes == tuple(NAMES.values())

    check()


@pytest.mark.parametrize("name", [name for name, kind in FORMATS.items() if kind.polygons])
@pytest.mark.parametrize("tolerance", [1.0, 3.0])
def test_polygons_with_fewer_points_stay_within_the_tolerance(
    name: str, tolerance: float, there_and_back: RoundTrip
) -> None:
    from scipy import ndimage

    from skipclick.annotation.formats import ExportedObject
    from skipclick.mask import RunLengths

    rows, columns = np.mgrid[:120, :160]
    mask = (columns - 70) ** 2 / 2 + (rows - 60) ** 2 < 45**2
    mask[80:90, 100:150] = True
    image = ExportedImage("a.jpg", (120, 160), (ExportedObject(1, 4, RunLengths.from_mask(mask)),))
    exact, rough = there_and_back(name, (image,)), there_and_back(name, (image,), tolerance)
    assert (exact.images["a.jpg"][0].mask.to_mask() == mask).all()
    found = rough.images["a.jpg"][0].mask.to_mask()
    assert (found != mask).any()
    inside, outside = ndimage.distance_transform_edt(mask), ndimage.distance_transform_edt(~mask)
    assert inside[mask & ~found].max(initial=0) <= tolerance + 1
    assert outside[found & ~mask].max(initial=0) <= tolerance + 1


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_masks_make_the_same_files(name: str, picture: ExportedImage) -> None:
    from skipclick.annotation.document import DEFAULT_CLASSES, PALETTE, ClassRecord

    classes = (*DEFAULT_CLASSES, ClassRecord(4, "ski", PALETTE[0]), ClassRecord(2, "pole", PALETTE[1]))
    first, second = (list(FORMATS[name].write(classes, (picture,), 0.0)) for _ in range(2))
    assert first == second
    assert all(not path.startswith("/") and "\\" not in path for path, _ in first)


@pytest.mark.parametrize("name", FORMATS)
def test_no_images_make_a_sound_export(name: str) -> None:
    from skipclick.annotation.document import DEFAULT_CLASSES

    for _, data in FORMATS[name].write(DEFAULT_CLASSES, (), 0.0):
        assert isinstance(data, bytes)


def test_formats_are_found_by_name() -> None:
    assert find_format("coco") is FORMATS["coco"]
    with pytest.raises(FormatError, match="'cocoa' is no format: choose one of coco, yolo, voc"):
        find_format("cocoa")
    assert all(kind.about for kind in FORMATS.values())
