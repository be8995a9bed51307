"""`skipclick doctor`."""

from __future__ import annotations

import importlib
import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pytest

import skipclick
from skipclick.apps.cli import main
from skipclick.backend import threads
from skipclick.errors import ModelError


@pytest.fixture(autouse=True)
def away_from_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKIPCLICK_CACHE", str(tmp_path))
    for name in ("SKIPCLICK_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)


def report(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as end:
        main(["doctor", *words])
    assert end.value.code == 0
    return capsys.readouterr().out


def row(printed: str, name: str) -> str:
    (value,) = re.findall(rf"^  {re.escape(name)} +(.+)$", printed, re.MULTILINE)
    return str(value)


@pytest.fixture
def no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(source: str, *, device: str = "auto") -> None:
        raise ModelError("this installation of skipclick lacks its weights")

    monkeypatch.setattr("skipclick.backend.loading.load_model", load)


@pytest.mark.usefixtures("disk_model")
def test_versions_are_the_installed_ones(capsys: pytest.CaptureFixture[str]) -> None:
    printed = report(capsys)
    assert row(printed, "python") == platform.python_version()
    assert row(printed, "numpy") == np.__version__
    assert row(printed, "skipclick") == skipclick.__version__
    assert row(printed, "torch") == version("torch")


@pytest.mark.usefixtures("no_weights")
def test_what_exported_models_need_is_among_the_versions(capsys: pytest.CaptureFixture[str]) -> None:
    printed = report(capsys)
    for package in ("onnxruntime", "openvino"):
        try:
            expected = version(package)
        except PackageNotFoundError:
            expected = "not installed"
        assert row(printed, package) == expected


@pytest.mark.usefixtures("disk_model")
def test_a_missing_package_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = importlib.import_module("skipclick.apps.cli.doctor")
    monkeypatch.setattr(module, "PACKAGES", ("no-such-package-anywhere",))
    assert row(report(capsys), "no-such-package-anywhere") == "not installed"


@pytest.mark.usefixtures("disk_model")
def test_speed_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    printed = report(capsys)
    assert row(printed, "device") == "cpu"
    assert re.fullmatch(r"\d+ ms at 448×448", row(printed, "encoding a photo"))
    assert re.fullmatch(r"\d+ ms, median of \d+", row(printed, "a click"))


@pytest.mark.usefixtures("no_weights")
def test_without_weights_the_rest_is_still_told(capsys: pytest.CaptureFixture[str]) -> None:
    printed = report(capsys)
    assert row(printed, "not measured") == "this installation of skipclick lacks its weights"
    assert row(printed, "cores")


@pytest.mark.usefixtures("no_weights")
@pytest.mark.parametrize(
    ("there", "device", "reason"),
    [
        ({"cuda", "mps"}, "cuda:0", "CUDA is the first choice"),
        ({"mps"}, "mps", "there is no usable CUDA device, MPS comes next"),
        (set(), "cpu", "there is neither a usable CUDA device nor MPS"),
    ],
)
def test_why_a_device_is_used(
    there: set[str],
    device: str,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def choose(wanted: str) -> str:
        if wanted == "auto":
            return device
        if wanted not in there:
            raise ModelError(f"there is no device {wanted!r} here")
        return wanted

    monkeypatch.setattr("skipclick.backend.torch.choose_device", choose)
    monkeypatch.setattr("skipclick.backend.torch.has_bf16", lambda found: found == "cuda:0")
    printed = report(capsys)
    assert row(printed, "--device auto means") == f"{device}: {reason}"
    precision = "bf16" if device == "cuda:0" else "float32"
    assert row(printed, "--precision auto means").startswith(f"{precision}: the device has ")
    assert row(printed, "CUDA").startswith("usable" if "cuda" in there else "not usable")
    assert row(printed, "MPS") == ("usable" if "mps" in there else "not usable")


@pytest.mark.usefixtures("no_weights")
@pytest.mark.parametrize("name", ["SKIPCLICK_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_settings_are_named(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert row(report(capsys), "network") == "allowed"
    monkeypatch.setenv(name, "1")
    printed = report(capsys)
    assert row(printed, "network").startswith("switched off")
    assert row(printed, "kept in") == str(tmp_path)


@pytest.mark.usefixtures("no_weights")
def test_models_that_are_here_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from skipclick.weights import registry

    entry = registry.Entry(
        name="toy",
        kind="model",
        title="A toy",
        config="skip",
        licence="CC0",
        source="us",
        url="http://x/toy.pth",
    )
    monkeypatch.setattr(registry, "entries", lambda: {"toy": entry})
    assert row(report(capsys), "none") == "`skipclick models` lists what there is"
    (tmp_path / "toy.pth").write_bytes(b"0" * 2_000_000)
    assert row(report(capsys), "toy") == "2 MB, A toy"


@pytest.mark.usefixtures("no_weights")
def test_threads(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """They are those that a model gets, whatever limits them."""
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(threads, "usable_cores", lambda: 6)
    monkeypatch.setattr(threads, "_container_share", lambda: 8)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    printed = report(capsys)
    assert row(printed, "cores") == "6 of 64 for this process"
    assert row(printed, "threads of a model") == "3: OMP_NUM_THREADS says so"
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    assert row(report(capsys), "threads of a model") == "6: one for each core"
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert row(report(capsys), "threads of a model") == "6: one for each core"
    monkeypatch.setattr(threads, "_container_share", lambda: 2)
    assert row(report(capsys), "threads of a model") == "2: more are not this container's, or of no use"
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert row(report(capsys), "cores") == "6"
