"""Downloads from a server that breaks off, lies and changes its mind; it runs on this computer only."""

from __future__ import annotations

import errno
import hashlib
import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from skipclick.errors import DownloadError
from skipclick.weights import download
from skipclick.weights.download import cache_folder, fetch, offline, sha256_of

CONTENT = bytes(range(256)) * 2000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """Answers each request for a file as the test wishes."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = CONTENT
        self.etag: str | None = '"one"'
        self.ranges = True
        self.kind = "application/octet-stream"
        self.break_after: list[int] = []
        self.fail_with: list[int] = []
        self.announce = True
        self.requests: list[str | None] = []
        self.delay = threading.Event()
        self.delay.set()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of the tests."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/get/model.pth"


class Handler(http.server.BaseHTTPRequestHandler):
    """One request."""

    server: Server

    def do_GET(self) -> None:
        server = self.server
        wanted = self.headers.get("Range")
        server.requests.append(wanted)
        server.delay.wait(5)
        if server.fail_with:
            self.send_error(server.fail_with.pop(0))
            return
        start = 0
        if wanted and server.ranges and self.headers.get("If-Range") == server.etag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(server.content):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header(
                "Content-Range", f"bytes {start}-{len(server.content) - 1}/{len(server.content)}"
            )
        else:
            self.send_response(200)
        body = server.content[start:]
        self.send_header("Content-Type", server.kind)
        if server.etag:
            self.send_header("ETag", server.etag)
        if server.announce:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if server.break_after:
            body = body[: server.break_after.pop(0)]
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("HF_HUB_OFFLINE", "SKIPCLICK_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(download, "PAUSE", 0.0)
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def left_over(folder: Path) -> list[str]:
    """Everything in a folder but lock files."""
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def test_a_file_arrives_verified_in_a_new_folder(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "model.pth"
    told: list[tuple[int, int | None]] = []
    result = fetch(
        server.url,
        path,
        sha256=DIGEST.upper(),
        size=len(CONTENT),
        progress=lambda done, total: told.append((done, total)),
    )
    assert result == path
    assert path.read_bytes() == CONTENT
    assert left_over(path.parent) == ["model.pth"]
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert told == sorted(told)


def test_a_file_that_is_here_is_not_fetched(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "model.pth"
    path.write_bytes(b"mine")
    fetch(server.url, path)
    assert path.read_bytes() == b"mine"
    assert not server.requests


def test_a_broken_connection_is_continued_at_once(server: Server, tmp_path: Path) -> None:
    server.break_after = [100_000, 50_000]
    fetch(server.url, tmp_path / "m", sha256=DIGEST)
    assert server.requests == [None, "bytes=100000-", "bytes=150000-"]
    assert left_over(tmp_path) == ["m"]


def test_a_later_run_continues(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    server.break_after = [123_456]
    with pytest.raises(DownloadError, match=r"123,456 bytes are kept.*run it again"):
        fetch(server.url, tmp_path / "m", sha256=DIGEST)
    assert not (tmp_path / "m").exists()
    fetch(server.url, tmp_path / "m", sha256=DIGEST)
    assert server.requests == [None, "bytes=123456-"]
    assert (tmp_path / "m").read_bytes() == CONTENT


def test_a_server_that_ignores_ranges(server: Server, tmp_path: Path) -> None:
    server.ranges = False
    server.break_after = [100_000]
    fetch(server.url, tmp_path / "m", sha256=DIGEST)
    assert server.requests == [None, "bytes=100000-"]
    assert (tmp_path / "m").read_bytes() == CONTENT


def test_a_file_that_changed_meanwhile_is_fetched_anew(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    server.break_after = [100_000]
    with pytest.raises(DownloadError):
        fetch(server.url, tmp_path / "m")
    server.content, server.etag = CONTENT[::-1], '"two"'
    fetch(server.url, tmp_path / "m")
    assert (tmp_path / "m").read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
def test_without_a_version_nothing_is_continued(server: Server, etag: str | None, tmp_path: Path) -> None:
    server.etag = etag
    server.break_after = [100_000]
    fetch(server.url, tmp_path / "m", sha256=DIGEST)
    assert server.requests == [None, None]


def test_more_bytes_than_the_server_has(server: Server, tmp_path: Path) -> None:
    (tmp_path / "m.part").write_bytes(CONTENT + b"more")
    (tmp_path / ".m.part.version").write_text('"one"')
    fetch(server.url, tmp_path / "m", sha256=DIGEST)
    assert (tmp_path / "m").read_bytes() == CONTENT
    assert server.requests == [f"bytes={len(CONTENT) + 4}-", None]


def test_an_unknown_length(server: Server, tmp_path: Path) -> None:
    server.announce = False
    totals = []
    fetch(server.url, tmp_path / "m", sha256=DIGEST, progress=lambda done, total: totals.append(total))
    assert set(totals) == {None}


def test_another_content_than_promised(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=f"another file than promised.*{DIGEST}"):
        fetch(server.url, tmp_path / "m", sha256="0" * 64)
    assert left_over(tmp_path) == []


def test_another_size_than_promised(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="512,000 bytes instead of 7"):
        fetch(server.url, tmp_path / "m", size=7)
    assert left_over(tmp_path) == []


def test_a_check_of_the_callers_own(server: Server, tmp_path: Path) -> None:
    def refuse(path: Path) -> None:
        assert path.read_bytes() == CONTENT
        raise DownloadError("not to my taste")

    with pytest.raises(DownloadError, match="my taste"):
        fetch(server.url, tmp_path / "m", check=refuse)
    assert left_over(tmp_path) == []


def test_a_web_page_instead_of_a_file(server: Server, tmp_path: Path) -> None:
    server.kind = "text/html; charset=utf-8"
    with pytest.raises(DownloadError, match=r"web page.*put the file to .*m\.pth$"):
        fetch(server.url, tmp_path / "m.pth")
    assert left_over(tmp_path) == []


@pytest.mark.parametrize("code", [403, 404, 410])
def test_refusals_are_final(server: Server, code: int, tmp_path: Path) -> None:
    server.fail_with = [code] * 9
    with pytest.raises(DownloadError, match=f"answers {code}"):
        fetch(server.url, tmp_path / "m")
    assert len(server.requests) == 1


@pytest.mark.parametrize("code", [408, 429, 500, 503])
def test_passing_troubles_are_waited_out(server: Server, code: int, tmp_path: Path) -> None:
    server.fail_with = [code] * (download.ATTEMPTS - 1)
    fetch(server.url, tmp_path / "m", sha256=DIGEST)
    assert len(server.requests) == download.ATTEMPTS


def test_lasting_troubles_are_reported(server: Server, tmp_path: Path) -> None:
    server.fail_with = [503] * 9
    with pytest.raises(DownloadError, match=r"the server answers 503; 0 bytes"):
        fetch(server.url, tmp_path / "m")


def test_nobody_answers(server: Server, tmp_path: Path) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as unused:
        port = unused.server_address[1]
    with pytest.raises(DownloadError, match="proxy settings"):
        fetch(f"http://127.0.0.1:{port}/m", tmp_path / "m")


def test_a_silent_server_times_out(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "TIMEOUT", 0.05)
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    server.delay.clear()
    with pytest.raises(DownloadError, match="timed out"):
        fetch(server.url, tmp_path / "m")
    server.delay.set()


def test_a_full_disk(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DownloadError, match=r"cannot write to .*No space left"):
        fetch(server.url, tmp_path / "m")


def test_a_file_in_the_folders_place(server: Server, tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(DownloadError, match="cannot write"):
        fetch(server.url, tmp_path / "taken" / "m")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/m", "m.pth", "data:,x"])
def test_other_kinds_of_address(url: str, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="not an http"):
        fetch(url, tmp_path / "m")


@pytest.mark.parametrize("variable", ["SKIPCLICK_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_says_which_file_to_put_where(
    server: Server, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "1")
    assert offline()
    with pytest.raises(DownloadError) as caught:
        fetch(server.url, tmp_path / "m")
    assert server.url in str(caught.value)
    assert str(tmp_path / "m") in str(caught.value)
    assert not server.requests
    (tmp_path / "m").write_bytes(b"put by hand")
    assert fetch(server.url, tmp_path / "m").read_bytes() == b"put by hand"
    monkeypatch.setenv(variable, "0")
    assert not offline()


def test_two_at_once_fetch_it_once(server: Server, tmp_path: Path) -> None:
    server.delay.clear()
    failures: list[Exception] = []

    def run() -> None:
        try:
            fetch(server.url, tmp_path / "m", sha256=DIGEST)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    server.delay.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(server.requests) == 1
    assert left_over(tmp_path) == ["m"]


def test_two_processes_at_once_fetch_it_once(server: Server, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from skipclick.weights.download import fetch; "
        "fetch(sys.argv[1], Path(sys.argv[2]), sha256=sys.argv[3])"
    )
    command = [sys.executable, "-c", program, server.url, str(tmp_path / "m"), DIGEST]
    processes = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(30) for process in processes] == [0, 0, 0]
    assert len(server.requests) == 1
    assert (tmp_path / "m").read_bytes() == CONTENT


def test_the_cache_is_where_the_platform_or_the_user_wants_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SKIPCLICK_CACHE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache_folder() == tmp_path / "xdg" / "skipclick"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == tmp_path / ".cache" / "skipclick"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_folder() == tmp_path / "Library" / "Caches" / "skipclick"
    monkeypatch.setattr(sys, "platform", "win32")
    assert cache_folder() == tmp_path / "local" / "skipclick" / "Cache"
    monkeypatch.setenv("SKIPCLICK_CACHE", "~/mine")
    assert cache_folder() == tmp_path / "mine"


def test_the_digest_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"abc")
    assert sha256_of(tmp_path / "m") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_downloading_needs_no_pytorch() -> None:
    program = (
        "import sys; import skipclick.weights, skipclick.weights.download, skipclick.weights.registry, "
        "skipclick.unpickle; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
