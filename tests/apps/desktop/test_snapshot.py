"""A project for another thread."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skipclick.annotation import (
    FORMATS,
    AddObject,
    AnnotationError,
    DeleteObjects,
    Project,
    RunLengths,
    export_annotations,
    import_annotations,
)
from skipclick.apps.desktop.snapshot import Snapshot


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Three images, two of which have an object."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a.png", "b.png", "c.png"):
        Image.new("RGB", (30, 20)).save(folder / name)
    project = Project.open(folder)
    for name, left in (("a.png", 3), ("b.png", 8)):
        mask = np.zeros((20, 30), np.bool_)
        mask[5:15, left : left + 12] = True
        project.do(AddObject(name, 1, RunLengths.from_mask(mask)))
    return project


def nothing(_: str) -> None: ...


@pytest.mark.parametrize("name", list(FORMATS))
def test_each_format_goes_out_and_in_as_with_the_project(name: str, project: Project, tmp_path: Path) -> None:
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
    direct = export_annotations(project, name, tmp_path / "one")
    by_way = export_annotations(Snapshot(project, nothing), name, tmp_path / "two")
    assert (direct.objects, direct.images) == (by_way.objects, by_way.images)
    for file in by_way.files:
        assert file.read_bytes() == (tmp_path / "one" / file.relative_to(tmp_path / "two")).read_bytes()
    source = by_way.files[0] if FORMATS[name].file is not None else tmp_path / "two"
    snapshot, before = Snapshot(project, nothing), project.document
    import_annotations(snapshot, name, source, existing="replace")
    assert project.document is before
    (command,) = snapshot.wished
    project.do(command)
    assert [one.mask for _, one in project.document.objects()] == [one.mask for _, one in before.objects()]


def test_it_stays_as_it_was(project: Project) -> None:
    snapshot, before = Snapshot(project, nothing), project.document
    project.do(DeleteObjects("a.png", (1,)))
    assert snapshot.document == before
    assert snapshot.read_only


def test_commands_are_only_noted_and_checked(project: Project) -> None:
    snapshot, command = Snapshot(project, nothing), DeleteObjects("a.png", (1,))
    assert not snapshot.do(command).image("a.png").objects
    with pytest.raises(AnnotationError):
        snapshot.do(DeleteObjects("a.png", (7,)))
    assert snapshot.wished == [command]
    assert project.document.image("a.png").objects


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_export_is_watched_image_by_image_and_can_be_ended(
    name: str, project: Project, tmp_path: Path
) -> None:
    out, seen = tmp_path / "out", []

    def watch(image: str) -> None:
        seen.append(image)
        if image == "b.png":
            raise KeyError

    out.mkdir()
    with pytest.raises(KeyError):
        export_annotations(Snapshot(project, watch), name, out)
    assert list(dict.fromkeys(seen)) == ["a.png", "b.png"]
    assert list(out.iterdir()) == []
