"""Fetching files: resumable, verified, safe against two processes at once; no PyTorch here."""

from __future__ import annotations

import hashlib
import http.client
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from skipclick.errors import DownloadError

Progress = Callable[[int, int | None], None]
"""Told (bytes here, bytes in all, or None if the server does not say) while a file arrives."""

CHUNK = 1 << 16
TIMEOUT = 30.0
"""Seconds without a byte after which a connection counts as broken."""

ATTEMPTS = 4
PAUSE = 1.0
"""Seconds before the second attempt; doubled before each further one."""


def cache_folder() -> Path:
    """Where fetched files are kept: `SKIPCLICK_CACHE`, or the platform's folder for caches."""
    chosen = os.environ.get("SKIPCLICK_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "skipclick" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "skipclick"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "skipclick"


def offline() -> bool:
    """Whether the user forbids the network, by `SKIPCLICK_OFFLINE=1` or `HF_HUB_OFFLINE=1`."""
    settings = (os.environ.get(name, "") for name in ("SKIPCLICK_OFFLINE", "HF_HUB_OFFLINE"))
    return any(value.strip().lower() in ("1", "true", "yes", "on") for value in settings)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in lower-case hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(
    url: str,
    path: Path,
    *,
    sha256: str | None = None,
    size: int | None = None,
    check: Callable[[Path], None] | None = None,
    progress: Progress | None = None,
) -> Path:
    """Fetch a file unless it is there; it appears under its name only when it is complete and verified.

    A broken download is continued, now and in later runs, if the server allows it and the file has not
    changed meanwhile. Proxies are taken from the environment (`https_proxy`, `no_proxy`).

    Args:
        url: http or https.
        path: where to; its folder is made.
        sha256: what the content must hash to.
        size: how many bytes there must be.
        check: raises DownloadError if the complete file is not what it should be.
        progress: told how far it is.

    Returns:
        `path`.

    Raises:
        DownloadError: offline, unreachable, broken off, not what was promised, or the disk is full.
    """
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise DownloadError(f"{url} is not an http or https address")
    if path.exists():
        return path
    if offline():
        raise DownloadError(
            f"{path.name} is not here and the network is switched off: "
            f"fetch {url} elsewhere and put it to {path}"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path.with_name(f".{path.name}.lock")):
            if path.exists():  # Another process fetched it while we waited.
                return path
            part = path.with_name(f"{path.name}.part")
            _fetch_part(url, part, size, progress)
            try:
                _verify(url, part, sha256, size, check)
            except DownloadError:
                _discard(part)
                raise
            part.replace(path)
            _discard(part)
    except OSError as error:
        raise DownloadError(f"cannot write to {path.parent}: {error.strerror or error}") from error
    return path


def _fetch_part(url: str, part: Path, size: int | None, progress: Progress | None) -> None:
    """Complete the partial file, with a few attempts."""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(PAUSE * 2 ** (attempt - 1))
        try:
            if _continue(url, part, size, progress):
                return
            reason = "the connection broke off"
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 416:  # What we hold is not a beginning of what the server has.
                _discard(part)
            elif error.code < 500 and error.code not in (408, 429):
                raise DownloadError(f"{url} answers {error.code} {error.reason}") from error
            reason = f"the server answers {error.code}"
        except urllib.error.URLError as error:
            reason = str(error.reason)
        except (http.client.HTTPException, TimeoutError, ConnectionError) as error:
            reason = str(error) or type(error).__name__
    held = part.stat().st_size if part.exists() else 0
    raise DownloadError(
        f"{url} could not be fetched ({reason}; {held:,} bytes are kept): run it again to continue, "
        "or check the network and the proxy settings"
    )


def _continue(url: str, part: Path, size: int | None, progress: Progress | None) -> bool:
    """One connection; True if the file is complete after it."""
    validator = _validator_file(part)
    start = part.stat().st_size if part.exists() and validator.exists() else 0
    headers = {"User-Agent": "skipclick", "Accept-Encoding": "identity"}
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": validator.read_text()}
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
        if response.headers.get_content_type() == "text/html":
            raise DownloadError(
                f"{url} leads to a web page, not to a file: open it in a browser and put the file to "
                f"{part.with_suffix('')}"
            )
        if response.status != 206 or not _starts_at(response.headers.get("Content-Range", ""), start):
            start = 0
        remaining = response.headers.get("Content-Length")
        total = start + int(remaining) if remaining and remaining.isdigit() else size
        if not start:
            _remember_version(validator, response.headers)
        with part.open("r+b" if start else "wb") as file:
            file.seek(start)
            done = start
            for chunk in _chunks(response):
                file.write(chunk)
                done += len(chunk)
                if progress is not None:
                    progress(done, total)
            file.flush()
            os.fsync(file.fileno())
    return total is None or done >= total


def _chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """What arrives; its errors are told apart from those of writing."""
    try:
        while chunk := response.read(CHUNK):
            yield chunk
    except OSError as error:
        raise ConnectionError(str(error) or "the connection broke off") from error


def _verify(
    url: str, part: Path, sha256: str | None, size: int | None, check: Callable[[Path], None] | None
) -> None:
    held = part.stat().st_size
    if size is not None and held != size:
        raise DownloadError(f"{url} gave {held:,} bytes instead of {size:,}: it is not the promised file")
    if sha256 is not None and (found := sha256_of(part)) != sha256.lower():
        raise DownloadError(f"{url} gave another file than promised (sha256 {found}, not {sha256})")
    if check is not None:
        check(part)


def _starts_at(content_range: str, start: int) -> bool:
    return content_range.startswith(f"bytes {start}-")


def _validator_file(part: Path) -> Path:
    """Beside the partial file: the version of the remote file that it is the beginning of."""
    return part.with_name(f".{part.name}.version")


def _remember_version(validator: Path, headers: http.client.HTTPMessage) -> None:
    etag = headers.get("ETag", "")
    # A weak tag does not promise the same bytes, so HTTP forbids it in If-Range.
    version = etag if etag and not etag.startswith("W/") else headers.get("Last-Modified", "")
    if version and headers.get("Accept-Ranges", "bytes") != "none":
        validator.write_text(version)
    else:
        validator.unlink(missing_ok=True)


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _validator_file(part).unlink(missing_ok=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that ends with the process; the empty file stays, as removing it would be a race."""
    with path.open("a+b") as file:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            while True:  # Windows gives up after ten seconds; we don't.
                try:
                    msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
                    break
                except OSError:
                    continue
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
