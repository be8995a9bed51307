"""What the tests of training share."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch

TOY = Path(__file__).parent / "toy_run.py"


@pytest.fixture(scope="session")
def toy() -> ModuleType:
    """The module `toy_run.py`: a tiny network, recipe and data."""
    spec = importlib.util.spec_from_file_location("toy_run", TOY)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Where pickle looks for its classes.
    sys.modules["toy_run"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Sums of several threads may differ in the last bit from those of one."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
