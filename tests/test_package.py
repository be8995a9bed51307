"""The public names, and how little importing them costs."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import skipclick

ROOT = Path(__file__).parents[1]
HEAVY = ("torch", "cv2", "scipy", "PIL", "huggingface_hub", "safetensors")


def loaded_by(code: str) -> set[str]:
    """Names of the modules that a fresh Python holds after running the code."""
    script = f"import sys, json\n{code}\nprint(json.dumps(sorted(sys.modules)), file=sys.__stderr__)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_importing_loads_nothing_but_itself() -> None:
    loaded = loaded_by("import skipclick")
    assert loaded.isdisjoint({*HEAVY, "numpy"})
    assert [name for name in loaded if name.startswith("skipclick")] == ["skipclick"]


@pytest.mark.parametrize("words", [["--help"], ["segment", "--help"], ["evaluate", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    loaded = loaded_by(
        f"""
from skipclick.apps.cli import main
try:
    main({words!r})
except SystemExit as end:
    assert end.code == 0
"""
    )
    assert "skipclick.apps.cli" in loaded
    assert loaded.isdisjoint({*HEAVY, "numpy"})


def test_the_library_without_a_model_needs_no_pytorch() -> None:
    loaded = loaded_by(
        "from skipclick import Click, Prompt, Session, SkipClickPredictor, Backend, load_model"
    )
    assert "skipclick.session" in loaded
    assert "torch" not in loaded


@pytest.mark.parametrize("name", skipclick.__all__)
def test_every_public_name_resolves_and_is_listed(name: str) -> None:
    assert getattr(skipclick, name) is not None
    assert name in dir(skipclick)


@pytest.mark.parametrize("name", [name for name in skipclick.__all__ if name != "__version__"])
def test_a_public_name_is_the_thing_itself(name: str) -> None:
    found = getattr(skipclick, name)
    assert found is getattr(sys.modules[found.__module__], name)
    assert found.__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        skipclick.nonsense  # noqa: B018
    assert not hasattr(skipclick, "__path_of_nobody__")


def test_the_version_is_the_project_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert skipclick.__version__ == project["version"]


def test_the_changelog_knows_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{skipclick.__version__}]" in changelog or "## [Unreleased]" in changelog
