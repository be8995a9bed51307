"""A labelled folder on disk."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from skipclick.annotation import journal
from skipclick.annotation.commands import AddClass, AddObject, Command, DeleteObjects, SetDone
from skipclick.annotation.document import Document
from skipclick.annotation.errors import AnnotationError, NotSavedError, ProjectBusyError, ProjectError
from skipclick.annotation.project import Project
from skipclick.annotation.volume import replayed, volumes
from skipclick.errors import ImageError
from skipclick.mask import RunLengths

RandomCommand = Callable[[Document, np.random.Generator], Command]
SPOT = RunLengths.from_mask(np.eye(9, 12, dtype=np.bool_))


def work(project: Project, random_command: RandomCommand, count: int, seed: int = 0) -> None:
    generator = np.random.default_rng(seed)
    for _ in range(count):
        pick = generator.random()
        if pick < 0.15:
            project.undo()
        elif pick < 0.25:
            project.redo()
        else:
            project.do(random_command(project.document, generator))


def undo_everything(project: Project) -> None:
    while project.undo():
        pass


def test_a_new_project_lies_beside_its_images(photos: Path) -> None:
    with Project.open(photos) as project:
        assert project.home == photos / ".skipclick"
        assert project.folder == photos
        assert project.names == ("a.jpg", "b 2.png", "in/deep/c.webp", "in/ä.jpg")
        assert project.document == Document()
        assert project.notes == ()
        assert not project.can_undo
        assert project.path_of("in/ä.jpg").is_file()
        assert project.shape_of("in/ä.jpg") == (9, 12)


def test_what_was_done_is_there_again(photos: Path, random_command: RandomCommand) -> None:
    with Project.open(photos) as project:
        work(project, random_command, 60)
        document, done, undone = project.document, project.done, project.undone
    with Project.open(photos) as project:
        assert project.document == document
        assert project.done == done
        assert project.undone == undone
        assert project.notes == ()


def test_undo_reaches_back_over_sessions_to_the_very_start(
    photos: Path, random_command: RandomCommand
) -> None:
    documents = [Document()]
    generator = np.random.default_rng(4)
    for _ in range(4):
        with Project.open(photos) as project:
            for _ in range(10):
                documents.append(project.do(random_command(project.document, generator)))
    with Project.open(photos) as project:
        for document in reversed(documents[:-1]):
            project.undo()
            assert project.document == document
    with Project.open(photos) as project:
        assert not project.can_undo
        for document in documents[1:]:
            project.redo()
            assert project.document == document


@settings(deadline=None, max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), limit=st.integers(200, 6000))
def test_volumes_end_anywhere_without_a_trace(
    photos: Path, random_command: RandomCommand, seed: int, limit: int
) -> None:
    shutil.rmtree(photos / ".skipclick", ignore_errors=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "ROLL_AT", limit)
        with Project.open(photos) as project:
            work(project, random_command, 40, seed)
            document = project.document
            depth = project._history.depth
        assert replayed(photos / ".skipclick") == document
        with Project.open(photos) as project:
            assert project.document == document
            undone = 0
            while project.undo():
                undone += 1
            assert undone == depth
            assert project.document == Document()
            for _ in range(undone):
                project.redo()
            assert project.document == document
    assert replayed(photos / ".skipclick") == document


def test_long_work_is_spread_over_volumes(
    photos: Path, random_command: RandomCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "ROLL_AT", 1500)
    with Project.open(photos) as project:
        work(project, random_command, 120)
    found = volumes(photos / ".skipclick")
    assert len(found) > 3
    assert [path.name for path in found[:2]] == ["journal-000001.jsonl", "journal-000002.jsonl"]


def test_opening_reads_the_newest_volume_alone(
    photos: Path, random_command: RandomCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "ROLL_AT", 1500)
    with Project.open(photos) as project:
        work(project, random_command, 120)
        document = project.document
    oldest = volumes(photos / ".skipclick")[0]
    oldest.write_bytes(b"nonsense")
    with Project.open(photos) as project:
        assert project.document == document
        with pytest.raises(ProjectError, match="damaged"):  # where undo arrives at it
            undo_everything(project)
        before = project.document
        project.do(AddClass("and on it goes"))
        assert project.undo() == AddClass("and on it goes")
        assert project.document == before


def test_the_photos_are_never_touched(photos: Path, random_command: RandomCommand) -> None:
    def state() -> dict[Path, tuple[bytes, int]]:
        files = (path for path in photos.rglob("*") if path.is_file() and ".skipclick" not in path.parts)
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

    before = state()
    with Project.open(photos) as project:
        work(project, random_command, 40)
    assert state() == before


class TestApart:
    def test_nothing_is_written_into_the_images_folder(self, photos: Path, tmp_path: Path) -> None:
        before = sorted(photos.rglob("*"))
        with Project.open(tmp_path / "work" / "project", images=photos) as project:
            project.do(AddObject("a.jpg", 1, SPOT))
            assert project.home == tmp_path / "work" / "project"
        assert sorted(photos.rglob("*")) == before
        with Project.open(tmp_path / "work" / "project") as project:
            assert project.folder == photos
            assert len(project.document.image("a.jpg").objects) == 1

    def test_project_and_images_move_together(self, photos: Path, tmp_path: Path) -> None:
        Project.open(tmp_path / "project", images=photos).close()
        (tmp_path / "new").mkdir()
        for name in ("photos", "project"):
            (tmp_path / name).rename(tmp_path / "new" / name)
        with Project.open(tmp_path / "new" / "project") as project:
            assert project.folder == tmp_path / "new" / "photos"

    def test_images_that_have_moved_are_found_again_when_told(self, photos: Path, tmp_path: Path) -> None:
        with Project.open(tmp_path / "project", images=photos) as project:
            project.do(AddObject("a.jpg", 1, SPOT))
        moved = tmp_path / "elsewhere" / "deep" / "photos"
        moved.parent.mkdir(parents=True)
        photos.rename(moved)
        with pytest.raises(ProjectError, match="say where they are now"):
            Project.open(tmp_path / "project")
        with Project.open(tmp_path / "project", images=moved) as project:
            assert project.folder == moved
            assert project.can_undo
        with Project.open(tmp_path / "project") as project:
            assert project.folder == moved
            assert project.undo() == AddObject("a.jpg", 1, SPOT)

    def test_vanished_images_can_still_be_looked_up(self, photos: Path, tmp_path: Path) -> None:
        with Project.open(tmp_path / "project", images=photos) as project:
            project.do(AddObject("a.jpg", 1, SPOT))
        shutil.rmtree(photos)
        with Project.open(tmp_path / "project", read_only=True) as project:
            assert project.names == ()
            assert project.shape_of("a.jpg") == (9, 12)


class TestImages:
    def test_images_come_and_go(self, photos: Path) -> None:
        with Project.open(photos) as project:
            project.do(AddObject("a.jpg", 1, SPOT))
            (photos / "a.jpg").unlink()
            Image.new("RGB", (5, 4)).save(photos / "new.png")
            project.refresh()
            assert "a.jpg" not in project.names
            assert project.document.image("a.jpg").objects
            assert project.shape_of("new.png") == (4, 5)

    def test_a_folder_that_vanishes_is_said(self, photos: Path) -> None:
        with Project.open(photos) as project:
            shutil.rmtree(photos)
            with pytest.raises(ProjectError, match="cannot be read"):
                project.refresh()

    def test_sizes_are_read_late_and_once(self, photos: Path) -> None:
        (photos / "broken.jpg").write_bytes(b"no picture")
        with Project.open(photos) as project:  # opening looks into no image
            with pytest.raises(ImageError, match="broken"):
                project.shape_of("broken.jpg")
            assert project.shape_of("a.jpg") == (9, 12)
            (photos / "a.jpg").unlink()
            assert project.shape_of("a.jpg") == (9, 12)

    def test_a_replaced_image_counts_as_it_is_once_its_objects_are_gone(self, photos: Path) -> None:
        with Project.open(photos) as project:
            project.do(AddObject("a.jpg", 1, SPOT))
            project.do(AddObject("b 2.png", 1, SPOT))
            Image.new("RGB", (5, 4)).save(photos / "a.jpg")
            assert project.shape_of("a.jpg") == (9, 12)
            for name in ("a.jpg", "b 2.png"):
                project.do(DeleteObjects(name, (1,)))
            assert project.shape_of("a.jpg") == (4, 5)
            (photos / "b 2.png").unlink()
            assert project.shape_of("b 2.png") == (9, 12)  # what its objects told

    def test_turned_photos_have_the_size_that_people_see(self, photos: Path) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6
        Image.new("RGB", (30, 20)).save(photos / "turned.jpg", exif=exif)
        with Project.open(photos) as project:
            assert project.shape_of("turned.jpg") == (30, 20)


def test_five_thousand_images_open_within_a_second(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(5000):
        (folder / f"photo {number}.jpg").touch()  # empty: whoever looks into one fails
    with Project.open(folder) as project:
        for number in range(0, 5000, 250):
            project.do(AddObject(f"photo {number}.jpg", 1, SPOT))
    start = time.process_time()  # a busy computer is no fault of ours
    with Project.open(folder) as project:
        assert time.process_time() - start < 1
        assert len(project.names) == 5000
        assert project.names[10] == "photo 10.jpg"
        assert len(project.document.images) == 20


class TestReadOnly:
    def test_it_can_be_looked_at_while_another_writes(self, photos: Path) -> None:
        with Project.open(photos) as writer:
            writer.do(AddClass("ski"))
            with Project.open(photos, read_only=True) as reader:
                assert reader.read_only
                assert reader.document == writer.document
            writer.do(AddClass("pole"))

    def test_nothing_can_be_done(self, photos: Path) -> None:
        Project.open(photos).close()
        before = sorted((photos / ".skipclick").iterdir())
        with Project.open(photos, read_only=True) as project:
            for action in (project.undo, project.redo, lambda: project.do(AddClass("ski"))):
                with pytest.raises(AnnotationError, match="looked at only"):
                    action()
        assert sorted((photos / ".skipclick").iterdir()) == before

    def test_there_must_be_a_project(self, photos: Path) -> None:
        with pytest.raises(ProjectError, match="holds no project"):
            Project.open(photos, read_only=True)
        assert not (photos / ".skipclick").exists()

    def test_a_closed_project_is_left_alone(self, photos: Path) -> None:
        project = Project.open(photos)
        project.close()
        project.close()
        with pytest.raises(AnnotationError):
            project.do(AddClass("ski"))


class TestOpening:
    @pytest.mark.parametrize("name", ["none", "photos/a.jpg", "a\nb"])
    def test_what_is_no_folder(self, photos: Path, tmp_path: Path, name: str) -> None:
        with pytest.raises(ProjectError, match="is no folder"):
            Project.open(tmp_path / name)

    def test_two_programs_notice_each_other(self, photos: Path) -> None:
        with Project.open(photos), pytest.raises(ProjectBusyError, match=f"process {os.getpid()}"):
            Project.open(photos)
        Project.open(photos).close()

    def test_a_failed_opening_leaves_no_lock(self, photos: Path) -> None:
        Project.open(photos).close()
        (newest,) = volumes(photos / ".skipclick")
        sound = newest.read_bytes()
        newest.write_bytes(b"x" + sound)
        for _ in range(2):
            with pytest.raises(ProjectError, match="damaged"):
                Project.open(photos)
        newest.write_bytes(sound)
        Project.open(photos).close()

    def test_a_crash_is_mentioned(self, photos: Path) -> None:
        project = Project.open(photos)
        project.do(AddClass("ski"))
        note = (project.home / "opened-by.json").read_bytes()
        project.close()
        (project.home / "opened-by.json").write_bytes(note)
        with Project.open(photos) as project:
            assert project.notes == (
                "the program that had it open before did not end properly; its work is all here",
            )
            assert project.document.class_named("ski")

    def test_half_written_files_of_a_killed_program_go(self, photos: Path) -> None:
        Project.open(photos).close()
        rest = photos / ".skipclick" / ".0123456789abcdef.part"
        rest.touch()
        Project.open(photos, read_only=True).close()
        assert rest.exists()
        Project.open(photos).close()
        assert not rest.exists()

    def test_photos_in_a_folder_of_the_project_s_own(self, photos: Path) -> None:
        """Naming the project's folder is as good as naming the images' folder."""
        Project.open(photos).close()
        with Project.open(photos / ".skipclick") as project:
            assert project.folder == photos


class TestDamage:
    def broken(self, photos: Path) -> Path:
        with Project.open(photos) as project:
            for number in range(5):
                project.do(AddClass(f"class {number}"))
        (path,) = volumes(photos / ".skipclick")
        lines = path.read_bytes().splitlines(keepends=True)
        lines[3] = lines[3].replace(b"class 2", b"class X")
        path.write_bytes(b"".join(lines))
        return path

    def test_damage_blocks_opening(self, photos: Path) -> None:
        path = self.broken(photos)
        before = path.read_bytes()
        with pytest.raises(ProjectError, match="line 4 of 6") as caught:
            Project.open(photos)
        assert "\n" not in str(caught.value)
        assert path.read_bytes() == before

    def test_salvage_keeps_what_comes_before_and_throws_nothing_away(self, photos: Path) -> None:
        path = self.broken(photos)
        before = path.read_bytes()
        with Project.open(photos, salvage=True) as project:
            assert [kind.name for kind in project.document.classes] == ["object", "class 0", "class 1"]
            assert "line 4 of 6" in project.notes[0]
            project.do(AddClass("new"))
        assert path.with_suffix(".damaged").read_bytes() == b"".join(before.splitlines(keepends=True)[3:])
        with Project.open(photos) as project:
            assert project.document.classes[-1].name == "new"

    def test_salvaging_to_look_at_changes_no_file(self, photos: Path) -> None:
        path = self.broken(photos)
        before = path.read_bytes()
        with Project.open(photos, salvage=True, read_only=True) as project:
            assert len(project.document.classes) == 3
        assert path.read_bytes() == before
        assert not path.with_suffix(".damaged").exists()

    def test_salvage_goes_back_to_an_older_volume(
        self, photos: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(journal, "ROLL_AT", 300)
        with Project.open(photos) as project:
            for number in range(12):
                project.do(AddClass(f"class {number}"))
        *_, older, newest = volumes(photos / ".skipclick")
        newest.write_bytes(b"")
        with pytest.raises(ProjectError, match="damaged"):
            Project.open(photos)
        with Project.open(photos, salvage=True) as project:
            assert len(project.document.classes) > 3
            assert project.can_undo
        assert newest.with_suffix(".damaged").exists()
        assert volumes(photos / ".skipclick")[-1] == older

    def test_a_last_line_that_was_cut_off_is_no_damage(self, photos: Path) -> None:
        with Project.open(photos) as project:
            project.do(AddClass("kept"))
            kept = project.document
            project.do(AddClass("torn"))
        (path,) = volumes(photos / ".skipclick")
        path.write_bytes(path.read_bytes()[:-9])
        with Project.open(photos) as project:
            assert project.document == kept
            assert "cut off" in project.notes[0]
            project.do(AddClass("next"))
        with Project.open(photos) as project:
            assert project.document.classes[-1].name == "next"
            assert project.notes == ()

    @settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(cut=st.integers(0, 10_000))
    def test_a_file_cut_off_anywhere_holds_all_whole_lines(self, photos: Path, cut: int) -> None:
        shutil.rmtree(photos / ".skipclick", ignore_errors=True)
        documents = []
        with Project.open(photos) as project:
            documents.append(project.document)
            for number in range(4):
                documents.append(project.do(AddClass(f"class {number}")))
        (path,) = volumes(photos / ".skipclick")
        data = path.read_bytes()
        first = data.index(b"\n") + 1
        cut = first + cut % (len(data) - first + 1)
        path.write_bytes(data[:cut])
        whole = data[:cut].count(b"\n") - 1
        with Project.open(photos) as project:
            assert project.document == documents[whole]
            assert bool(project.notes) == (not data[:cut].endswith(b"\n"))


class TestFullDisk:
    @pytest.fixture
    def full(self, photos: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
        """Makes the disk full, or gives it room again."""
        fsync = os.fsync

        def fail(handle: int) -> None:
            raise OSError(28, "No space left on device")

        return lambda is_full: monkeypatch.setattr(os, "fsync", fail if is_full else fsync)

    def test_it_is_said_at_once_and_the_work_stays(self, photos: Path, full: Callable[[bool], None]) -> None:
        with Project.open(photos) as project:
            full(True)
            for number in range(3):
                with pytest.raises(NotSavedError, match=r"No space left on device.*make room") as caught:
                    project.do(AddClass(f"class {number}"))
                assert "\n" not in str(caught.value)
                assert project.unsaved == number + 1
            with pytest.raises(NotSavedError):
                project.undo()
            assert len(project.document.classes) == 3
            with pytest.raises(NotSavedError):
                project.flush()
            full(False)
            project.flush()
            assert project.unsaved == 0
            document = project.document
        with Project.open(photos) as project:
            assert project.document == document
            assert project.undone == (AddClass("class 2"),)

    def test_the_next_action_saves_those_before_it(self, photos: Path, full: Callable[[bool], None]) -> None:
        with Project.open(photos) as project:
            full(True)
            with pytest.raises(NotSavedError):
                project.do(AddClass("first"))
            full(False)
            project.do(AddClass("second"))
            assert project.unsaved == 0
        with Project.open(photos) as project:
            assert [kind.name for kind in project.document.classes] == ["object", "first", "second"]

    def test_all_of_it_can_be_saved_elsewhere(
        self,
        photos: Path,
        tmp_path: Path,
        full: Callable[[bool], None],
        random_command: RandomCommand,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(journal, "ROLL_AT", 3000)
        project = Project.open(photos)
        work(project, random_command, 50)
        full(True)
        with pytest.raises(NotSavedError):
            project.do(AddClass("last"))
        full(False)
        home = tmp_path / "other disk" / "project"
        project.save_elsewhere(home)
        assert project.home == home
        assert project.unsaved == 0
        assert project.document.classes[-1].name == "last"
        project.do(AddClass("and on"))
        document, depth = project.document, project._history.depth
        project.close()
        shutil.rmtree(photos / ".skipclick")
        with Project.open(home) as project:
            assert project.folder == photos
            assert project.document == document
            for _ in range(depth):
                assert project.undo()
            assert project.document == Document()

    def test_a_vanished_folder_is_said_and_the_work_saved_elsewhere(
        self, photos: Path, tmp_path: Path
    ) -> None:
        with Project.open(photos) as project:
            project.do(AddObject("a.jpg", 1, SPOT))
            shutil.rmtree(photos)
            with pytest.raises(NotSavedError, match="No such file"):
                project.do(AddClass("ski"))
            project.save_elsewhere(tmp_path / "rescued")
            document = project.document
        with Project.open(tmp_path / "rescued", read_only=True) as project:
            assert project.document == document
            assert project.document.image("a.jpg").objects

    @pytest.mark.parametrize("loss", ["folder", "older volume", "damage"])
    @pytest.mark.parametrize("reopened", [True, False])
    def test_undo_past_the_border_of_a_volume_can_be_saved_elsewhere_too(
        self,
        photos: Path,
        tmp_path: Path,
        random_command: RandomCommand,
        monkeypatch: pytest.MonkeyPatch,
        loss: str,
        reopened: bool,
    ) -> None:
        """Even if what this volume undoes stood in one that is gone."""
        project = Project.open(photos)
        with monkeypatch.context() as patch:
            patch.setattr(journal, "ROLL_AT", 2000)
            work(project, random_command, 80)
        assert len(volumes(project.home)) > 3
        if reopened:
            project.close()
            project = Project.open(photos)
        for _ in range(volumes(project.home)[-1].read_bytes().count(b"\n") + 3):
            project.undo()
        if loss == "folder":
            shutil.rmtree(project.home)
        elif loss == "older volume":
            volumes(project.home)[-2].unlink()
        else:
            older = volumes(project.home)[-2]
            older.write_bytes(older.read_bytes().replace(b'"crc"', b'"CRC"'))
        document, done, undone = project.document, project.done, project.undone
        assert len(undone) >= 4
        assert done
        project.save_elsewhere(tmp_path / "else")
        assert project.unsaved == 0
        project.close()
        with Project.open(tmp_path / "else") as project:
            assert (project.document, project.undone) == (document, undone)
            assert project.done[-len(done) :] == done
            for _ in undone:
                project.redo()
            assert project.done[-len(undone) :] == tuple(reversed(undone))
            project.do(AddClass("and on"))
        with Project.open(tmp_path / "else") as project:
            assert project.document.classes[-1].name == "and on"

    def test_a_disk_that_keeps_nothing_gets_no_project(
        self, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def forget(path: Path, data: bytes) -> None:
            path.write_bytes(data[: len(data) // 2])

        with Project.open(photos) as project:
            project.do(AddClass("ski"))
            with monkeypatch.context() as patch:
                patch.setattr(journal, "write_whole", forget)
                with pytest.raises(
                    NotSavedError, match="does not keep what is written to it: choose another"
                ):
                    project.save_elsewhere(tmp_path / "else")
            assert sorted(path.name for path in tmp_path.iterdir()) == ["photos"]
            project.do(AddClass("pole"))
            assert project.unsaved == 0

    def test_a_new_volume_that_cannot_begin_is_no_failure(
        self, photos: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(journal, "ROLL_AT", 100)

        def fail(path: Path, data: bytes) -> None:
            raise NotSavedError("no room")

        with Project.open(photos) as project:
            with monkeypatch.context() as patch:
                patch.setattr(journal, "write_whole", fail)
                for number in range(20):
                    project.do(AddClass(f"class {number}"))
            assert len(volumes(project.home)) == 1
            project.do(AddClass("last"))
            assert len(volumes(project.home)) == 2
        with Project.open(photos) as project:
            assert len(project.document.classes) == 22

    def test_another_program_s_changes_are_noticed(self, photos: Path) -> None:
        with Project.open(photos) as project:
            (path,) = volumes(project.home)
            path.write_bytes(b"")
            with pytest.raises(NotSavedError, match="another program has changed it"):
                project.do(AddClass("ski"))


class TestReadOnlyFolder:
    """Simulated, because those who may do anything can write everywhere."""

    def test_it_is_said_at_once_and_the_project_can_lie_apart(
        self, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mkdir = Path.mkdir

        def refuse(path: Path, *arguments: Any, **options: Any) -> None:
            if path.is_relative_to(photos):
                raise PermissionError(13, "Permission denied", str(path))
            mkdir(path, *arguments, **options)

        monkeypatch.setattr(Path, "mkdir", refuse)
        with pytest.raises(NotSavedError, match=r"\.skipclick cannot be made \(Permission denied\): keep"):
            Project.open(photos)
        with Project.open(tmp_path / "apart", images=photos) as project:
            project.do(AddClass("ski"))
            assert project.unsaved == 0

    def test_a_project_that_became_read_only_while_it_was_open(
        self, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        open_file = Path.open

        def refuse(path: Path, mode: str = "r", *arguments: Any, **options: Any) -> Any:
            if path.is_relative_to(photos) and mode != "rb":
                raise OSError(30, "Read-only file system", str(path))
            return open_file(path, mode, *arguments, **options)

        with Project.open(photos) as project:
            project.do(AddClass("ski"))
            with monkeypatch.context() as patch:
                patch.setattr(Path, "open", refuse)
                with pytest.raises(NotSavedError, match="Read-only file system"):
                    project.do(AddClass("pole"))
                project.save_elsewhere(tmp_path / "rescued")
                project.do(AddClass("boot"))
            assert len(project.document.classes) == 4
        with Project.open(tmp_path / "rescued") as project:
            assert len(project.document.classes) == 4


class TestElsewhere:
    def test_the_place_must_be_free(self, photos: Path, tmp_path: Path) -> None:
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / "file").touch()
        with Project.open(photos) as project:
            for place in (tmp_path / "full", tmp_path / "full" / "file", photos):
                with pytest.raises(ProjectError, match="is not empty"):
                    project.save_elsewhere(place)
            assert project.home == photos / ".skipclick"
            (tmp_path / "empty").mkdir()
            project.save_elsewhere(tmp_path / "empty")
            assert project.home == tmp_path / "empty"

    def test_a_place_that_cannot_be_written_leaves_everything_as_it_was(
        self, photos: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "file").touch()
        with Project.open(photos) as project:
            project.do(AddClass("ski"))
            with pytest.raises(NotSavedError, match="cannot be written"):
                project.save_elsewhere(tmp_path / "file" / "project")
            project.do(AddClass("pole"))
        assert not list(tmp_path.glob(".*"))
        with Project.open(photos) as project:
            assert len(project.document.classes) == 3

    def test_the_old_place_is_free_and_unchanged(self, photos: Path, tmp_path: Path) -> None:
        with Project.open(photos) as project:
            project.do(SetDone("a.jpg", True))
            project.save_elsewhere(tmp_path / "new")
            project.do(SetDone("b 2.png", True))
            with Project.open(photos) as old:
                assert list(old.document.images) == ["a.jpg"]
            with pytest.raises(ProjectBusyError):
                Project.open(tmp_path / "new")

    def test_a_project_that_was_looked_at_can_be_changed_in_its_new_place(
        self, photos: Path, tmp_path: Path
    ) -> None:
        with Project.open(photos) as project:
            project.do(AddClass("ski"))
        with Project.open(photos, read_only=True) as project:
            project.save_elsewhere(tmp_path / "new")
            project.do(AddClass("pole"))
        with Project.open(tmp_path / "new") as project:
            assert [kind.name for kind in project.document.classes] == ["object", "ski", "pole"]
