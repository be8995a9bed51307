"""`skipclick models`."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from skipclick.apps import cli
from skipclick.weights import registry


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SKIPCLICK_CACHE", str(tmp_path))
    monkeypatch.setenv("SKIPCLICK_OFFLINE", "1")
    monkeypatch.setenv("COLUMNS", "140")
    return tmp_path


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as end:
        cli.main(["models", *words])
    assert isinstance(end.value.code, int)
    return end.value.code


def test_the_table_lists_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    lines = capsys.readouterr().out.splitlines()
    rows = {line.split()[0]: line for line in lines if line.strip()}
    assert set(registry.entries()) <= set(rows)
    assert "about 613 MB" in rows["skip"]
    assert "not stated by the authors" in rows["skip"]
    assert "no, by hand" in rows["dinov3_vitb16"]
    assert "DINOv3 License" in rows["dinov3_vitb16"]
    assert "Apache-2.0" in rows["dinov2_vits14"]


def test_names_are_never_cut_off(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run() == 0
    printed = capsys.readouterr().out
    assert all(f"{name} " in printed for name in registry.entries())


def test_what_is_here_is_told(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (cache / "skipclick-skip.pth").write_bytes(bytes(3_000_000))
    assert run() == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("skip "))
    assert row.split()[1:4] == ["3", "MB", "yes"]


def test_all_about_one(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("skip") == 0
    printed = capsys.readouterr().out
    entry = registry.find("skip")
    assert entry.url is not None
    for text in (entry.title, entry.licence, entry.url, entry.note, str(cache / "skipclick-skip.pth")):
        assert text in printed


def test_the_checksum_is_compared(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = cache / "skipclick-skip.pth"
    path.write_bytes(b"content")
    digest = hashlib.sha256(b"content").hexdigest()
    run("skip")
    assert f"sha256 {digest}, nothing known to compare it with" in capsys.readouterr().out
    path.with_name("skipclick-skip.pth.sha256").write_text(f"{digest}  skipclick-skip.pth\n")
    run("skip")
    assert f"sha256 {digest}, as first downloaded" in capsys.readouterr().out
    path.write_bytes(b"damaged")
    run("skip")
    assert "NOT as first downloaded" in capsys.readouterr().out


def test_an_unknown_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("skipp") == 2
    assert "did you mean skip" in capsys.readouterr().err


def test_download_needs_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--download") == 2
    assert "skipclick models NAME --download" in capsys.readouterr().err


def test_download_offline(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("skip", "--download") == 2
    message = capsys.readouterr().err
    assert "switched off" in message
    assert str(cache / "skipclick-skip.pth") in message


def test_download(cache: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def obtain(entry: registry.Entry, *, progress: object = None) -> tuple[Path, ...]:
        assert callable(progress)
        progress(1, None)
        progress(7, 7)
        entry.paths[0].write_bytes(b"content")
        return entry.paths

    monkeypatch.setattr(registry, "obtain", obtain)
    assert run("skip", "--download") == 0
    assert "here     yes" in capsys.readouterr().out
