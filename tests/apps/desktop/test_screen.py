"""Why there is no window, in one line, before Qt ends the program."""

from __future__ import annotations

import ctypes
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from skipclick.apps.desktop.screen import check_display, check_x11
from skipclick.errors import SkipClickError


class TestDisplay:
    @pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"])
    def test_any_of_three_variables_will_do(self, name: str) -> None:
        check_display({name: "something"}, "linux")

    @pytest.mark.parametrize("environment", [{}, {"DISPLAY": "", "HOME": "/home/a"}])
    def test_without_them_linux_has_none(self, environment: dict[str, str]) -> None:
        with pytest.raises(SkipClickError, match=r"no display to open a window on: .* ssh -X") as said:
            check_display(environment, "linux")
        assert "\n" not in str(said.value)

    @pytest.mark.parametrize("system", ["win32", "darwin"])
    def test_other_systems_always_have_one(self, system: str) -> None:
        check_display({}, system)


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 is Linux's")


@linux
class TestX11:
    @pytest.fixture
    def plugins(self, tmp_path: Path) -> Path:
        """Qt's plugins, in which the one for X11 is a library that lacks nothing."""
        try:
            ctypes.CDLL("libxcb.so.1")
        except OSError:
            pytest.skip("needs libxcb")
        place = tmp_path / "platforms"
        place.mkdir()
        maps = Path("/proc/self/maps").read_text().splitlines()
        xcb = next(line.split()[-1] for line in maps if "/libxcb.so" in line)
        (place / "libqxcb.so").symlink_to(xcb)
        return tmp_path

    @pytest.fixture
    def display(self) -> Iterator[str]:
        """A server that greets as X11 does: eleventh version, and 32 bytes about itself."""
        server = socket.create_server(("127.0.0.1", 0))

        def greet() -> None:
            caller, _ = server.accept()
            with caller:
                caller.recv(12)
                caller.sendall(bytes([1, 0, 11, 0, 0, 0, 8, 0]) + bytes(32))
                caller.recv(1)

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        port = server.getsockname()[1]
        if port < 6000:
            pytest.skip("no port that X11 can have")
        yield f"127.0.0.1:{port - 6000}"
        server.close()

    def test_a_display_that_answers_is_used(self, plugins: Path, display: str) -> None:
        check_x11(plugins, {"DISPLAY": display}, "linux")

    @pytest.mark.parametrize("more", [{}, {"QT_QPA_PLATFORM": "xcb"}, {"QT_QPA_PLATFORM": "xcb:x"}])
    def test_one_that_does_not_is_said(self, more: dict[str, str], plugins: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        name = f"127.0.0.1:{max(port - 6000, 0)}"
        with pytest.raises(SkipClickError, match=rf"the display '{name}' does not answer: .* ssh -X"):
            check_x11(plugins, {"DISPLAY": name, **more}, "linux")

    def test_a_library_that_is_missing_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "platforms").mkdir()
        (tmp_path / "platforms" / "libqxcb.so").write_bytes(b"")
        with pytest.raises(SkipClickError, match=r"cannot open windows without .*libqxcb\.so: install it"):
            check_x11(tmp_path, {"DISPLAY": ":0"}, "linux")

    @pytest.mark.parametrize(
        "environment",
        [{"WAYLAND_DISPLAY": "wayland-0"}, {"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0"}],
    )
    def test_who_does_not_use_x11_needs_nothing_of_it(
        self, environment: dict[str, str], tmp_path: Path
    ) -> None:
        (tmp_path / "platforms").mkdir()
        (tmp_path / "platforms" / "libqxcb.so").write_bytes(b"")
        check_x11(tmp_path, environment, "linux")

    def test_where_qt_has_no_such_plugin_it_may_have_another(self, tmp_path: Path) -> None:
        check_x11(tmp_path, {"DISPLAY": ":0"}, "linux")
