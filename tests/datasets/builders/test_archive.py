"""Archives that try to do harm, and those that are merely broken; nothing is ever unpacked to disk here."""

from __future__ import annotations

import io
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipclick.datasets.builders.archive import MIB, Limits, open_archive
from skipclick.errors import DatasetError


def pack(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo("x")
            # Set afterwards, so that no name is made harmless on the way.
            entry.filename = name
            entry.compress_type = method
            archive.writestr(entry, data)
    return path


def names(path: Path, limits: Limits | None = None) -> tuple[str, ...]:
    with open_archive(path) if limits is None else open_archive(path, limits) as archive:
        return archive.names


def refusal(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(DatasetError) as caught:
        names(path, limits)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message


def outcome(path: Path) -> str | None:
    """The message if an archive or one of its files is refused; None if all can be read."""
    try:
        with open_archive(path) as archive:
            for name in archive.names:
                archive.read(name)
    except DatasetError as error:
        return str(error)
    return None


def patch(path: Path, change: Callable[[bytearray], object]) -> Path:
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(data)
    return path


def test_files_by_name_and_their_contents(tmp_path: Path) -> None:
    files = {"b/mask_2.png": b"two", "a.txt": b"", "b/": b"", "b/größe 大.png": b"\0" * 10}
    with open_archive(pack(tmp_path / "a.zip", files)) as archive:
        assert archive.names == ("a.txt", "b/größe 大.png", "b/mask_2.png")
        assert archive.read("b/mask_2.png") == b"two"
        assert archive.read("b/größe 大.png") == b"\0" * 10
        with pytest.raises(DatasetError, match=r"a\.zip holds no c\.png"):
            archive.read("c.png")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_both_ways_of_packing(tmp_path: Path, method: int) -> None:
    with open_archive(pack(tmp_path / "a.zip", {"x": b"data"}, method)) as archive:
        assert archive.read("x") == b"data"


def test_what_a_mac_packs(tmp_path: Path) -> None:
    files = {"masks/mask_1.png": b"1", "__MACOSX/masks/._mask_1.png": b"2", "masks/.DS_Store": b"3"}
    assert len(names(pack(tmp_path / "a.zip", files))) == 3


@pytest.mark.parametrize(
    "name",
    [
        "../mask_1.png",
        "a/../../mask_1.png",
        "a/..",
        "..",
        "/etc/mask_1.png",
        "//server/mask_1.png",
        "a//mask_1.png",
        "./mask_1.png",
        "a/./b.png",
        "a/.. /b.png",
        ".../b.png",
        "mask_1.png.",
        "mask_1.png ",
    ],
)
def test_paths_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    message = refusal(pack(tmp_path / "a.zip", {"ok.png": b"", name: b"x"}))
    assert "is no plain path inside a folder" in message
    assert repr(name) in message
    assert "nothing was unpacked" in message


@pytest.mark.parametrize(
    "name", ["masks\\mask_1.png", "..\\mask_1.png", "C:\\mask_1.png", "C:mask_1.png", "\\\\s\\x", "x.png:s"]
)
def test_paths_from_windows(tmp_path: Path, name: str) -> None:
    assert "is a name from Windows" in refusal(pack(tmp_path / "a.zip", {name: b"x"}))


@pytest.mark.parametrize("name", ["a\nb.png", "a\x1b[31m.png", "a\x7f.png", "a\x85.png"])
def test_control_characters_never_reach_the_terminal(tmp_path: Path, name: str) -> None:
    message = refusal(pack(tmp_path / "a.zip", {name: b"x"}))
    assert "holds control characters" in message
    assert name not in message


def test_a_name_with_a_hidden_end(tmp_path: Path) -> None:
    """zipfile itself shows only what stands before the zero."""
    path = pack(tmp_path / "a.zip", {"mask_1.pngXevil": b"x"})
    patch(path, lambda data: data.__setitem__(slice(None), data.replace(b"pngXevil", b"png\0evil")))
    assert "holds control characters" in refusal(path)


@pytest.mark.parametrize(
    "mode", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK], ids=hex
)
def test_links_and_devices(tmp_path: Path, mode: int) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        entry = zipfile.ZipInfo("mask_1.png")
        entry.create_system = 3
        entry.external_attr = (mode | 0o644) << 16
        archive.writestr(entry, "/etc/passwd")
    assert "'mask_1.png' is a link or a device" in refusal(tmp_path / "a.zip")


def test_files_packed_on_unix_are_files(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        entry = zipfile.ZipInfo("mask_1.png")
        entry.external_attr = (stat.S_IFREG | 0o644) << 16
        archive.writestr(entry, "x")
    assert names(tmp_path / "a.zip") == ("mask_1.png",)


@pytest.mark.parametrize(
    "pair", [("a/x.png", "a/x.png"), ("a/x.png", "A/X.png"), ("gr\u00f6\u00dfe", "gro\u0308sse")]
)
def test_names_that_take_each_other_s_place(tmp_path: Path, pair: tuple[str, str]) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        warnings.simplefilter("ignore")  # zipfile warns whoever packs such a thing
        for name in pair:
            archive.writestr(name, name)
    assert "is in it twice" in refusal(tmp_path / "a.zip")


def test_encrypted_files(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"mask_1.png": b"x"})

    def encrypt(data: bytearray) -> None:
        data[data.index(b"PK\1\2") + 8] |= 1

    assert "'mask_1.png' is encrypted" in refusal(patch(path, encrypt))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods(tmp_path: Path, method: int) -> None:
    path = pack(tmp_path / "a.zip", {"mask_1.png": b"x"}, method)
    assert "packed by a method other than deflate" in refusal(path)


class TestBombs:
    def test_one_file_that_unpacks_to_far_more(self, tmp_path: Path) -> None:
        path = pack(tmp_path / "a.zip", {"mask_1.png": bytes(3 * MIB)})
        assert path.stat().st_size < 5000
        assert "would unpack to 3 MiB from" in refusal(path)

    def test_small_files_may_be_empty_pages(self, tmp_path: Path) -> None:
        path = pack(tmp_path / "a.zip", {"list.txt": bytes(MIB)})
        assert names(path) == ("list.txt",)

    def test_a_file_that_is_too_large(self, tmp_path: Path) -> None:
        path = pack(tmp_path / "a.zip", {"mask_1.png": bytes(2001)}, zipfile.ZIP_STORED)
        assert "which is no mask" in refusal(path, Limits(file_bytes=2000))
        assert names(path, Limits(file_bytes=2001)) == ("mask_1.png",)

    def test_many_files_that_are_too_much_together(self, tmp_path: Path) -> None:
        path = pack(tmp_path / "a.zip", {f"mask_{i}.png": bytes(MIB // 2) for i in range(9)})
        assert "would unpack to 4 MiB, more than 4" in refusal(path, Limits(total_bytes=4 * MIB))
        assert len(names(path, Limits(total_bytes=5 * MIB))) == 9

    def test_too_many_files(self, tmp_path: Path) -> None:
        path = pack(tmp_path / "a.zip", {f"{i}.png": b"" for i in range(11)})
        assert "it holds 11 files, more than 10" in refusal(path, Limits(files=10))

    def test_a_file_that_says_it_is_small(self, tmp_path: Path) -> None:
        """What follows the announced length is never unpacked, and the sum of the rest is wrong."""
        path = pack(tmp_path / "a.zip", {"mask_1.png": bytes(3 * MIB)})

        def lie(data: bytearray) -> None:
            struct.pack_into("<I", data, data.index(b"PK\1\2") + 24, 1000)
            struct.pack_into("<I", data, data.index(b"PK\3\4") + 22, 1000)

        with (
            open_archive(patch(path, lie)) as archive,
            pytest.raises(DatasetError, match="is damaged at mask_1"),
        ):
            archive.read("mask_1.png")

    def test_files_that_share_their_bytes(self, tmp_path: Path) -> None:
        """Many entries of one packed file are counted one by one."""
        inner = pack(tmp_path / "one.zip", {"a": bytes(MIB // 2)}).read_bytes()
        start = inner.index(b"PK\1\2")
        entry = inner[start : inner.index(b"PK\5\6")]
        entries = b"".join(entry.replace(b"a", bytes([65 + i])) for i in range(20))
        end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 20, 20, len(entries), start, 0)
        (tmp_path / "a.zip").write_bytes(inner[:start] + entries + end)
        assert "would unpack to 10 MiB" in refusal(tmp_path / "a.zip", Limits(total_bytes=4 * MIB))


class TestDamage:
    @pytest.mark.parametrize(
        "content", [b"", b"not a zip", b"PK\x03\x04" + bytes(100), b"Rar!\x1a\x07\x01\x00"]
    )
    def test_other_files(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "a.zip").write_bytes(content)
        assert "is no whole ZIP archive" in refusal(tmp_path / "a.zip")

    def test_a_download_that_was_cut_short(self, tmp_path: Path) -> None:
        path = pack(tmp_path / "a.zip", {"mask_1.png": b"x" * 999})
        path.write_bytes(path.read_bytes()[:-30])
        assert "fetch it again" in refusal(path)

    @pytest.mark.parametrize("name", ["gone.zip", "."])
    def test_no_file(self, tmp_path: Path, name: str) -> None:
        assert "cannot be read" in refusal(tmp_path / name)

    def test_a_wrong_sum(self, tmp_path: Path) -> None:
        path = pack(tmp_path / "a.zip", {"mask_1.png": b"hello"}, zipfile.ZIP_STORED)
        patch(path, lambda data: data.__setitem__(data.index(b"hello"), 0))
        with open_archive(path) as archive, pytest.raises(DatasetError, match=r"is damaged at mask_1\.png"):
            archive.read("mask_1.png")

    @given(st.data())
    def test_any_damage_ends_in_one_line(self, data: st.DataObject) -> None:
        import tempfile

        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mask_1.png", b"some text " * 30)
            archive.writestr("b/mask_2.png", bytes(range(256)))
        content = bytearray(stream.getvalue())
        for _ in range(data.draw(st.integers(1, 3))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "a.zip")
            path.write_bytes(content)
            assert "\n" not in (outcome(path) or "")
