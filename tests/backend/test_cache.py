"""Encoded images on disk."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from skipclick.backend.cache import CachedBackend
from skipclick.backend.exported import GraphInfo
from skipclick.backend.graphs import Arrays, GraphBackend
from skipclick.backend.protocol import Backend
from skipclick.errors import ModelError
from skipclick.prompt import Click, Prompt

PROMPT = Prompt((Click(1, 2),))


class Counting(GraphBackend):
    """Counts how often it encodes; logits are the mean of the channels."""

    def __init__(self, fingerprint: str = "abcd", scale: float = 1.0) -> None:
        super().__init__(GraphInfo("toy", fingerprint, 2, "float32", ("mean",), "{}"), "cpu")
        self.scale = scale
        self.encoded = 0

    def _run_encode(self, image: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        self.encoded += 1
        return [image.mean(axis=1, keepdims=True) * np.float32(self.scale)]

    def _run_click(self, inputs: Arrays) -> NDArray[np.float32]:
        return np.asarray(inputs["mean"] + inputs["previous"], np.float32)


def picture(seed: int, count: int = 1, side: int = 8) -> NDArray[np.float32]:
    return np.random.default_rng(seed).random((count, 3, side, side), dtype=np.float32)


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.features"))


def test_the_same_image_is_encoded_once(tmp_path: Path) -> None:
    model = Counting()
    cached: Backend = CachedBackend(model, tmp_path)
    first = cached.decode(cached.encode(picture(0)), [PROMPT])
    second = cached.decode(cached.encode(picture(0)), [PROMPT])
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, model.decode(model.encode(picture(0)), [PROMPT]))
    assert model.encoded == 2  # once through the cache, once above
    assert len(files(tmp_path)) == 1


def test_another_process_finds_it(tmp_path: Path) -> None:
    CachedBackend(Counting(), tmp_path).encode(picture(0))
    later = Counting()
    CachedBackend(later, tmp_path).encode(picture(0))
    assert later.encoded == 0


def test_what_differs_is_not_taken_for_the_same(tmp_path: Path) -> None:
    images = [picture(0), picture(1), picture(0)[..., ::-1], picture(0, side=10), picture(0, count=2)]
    model = Counting()
    cached = CachedBackend(model, tmp_path)
    for image in images:
        assert cached.encode(image).size == image.shape[2:]
    assert len(files(tmp_path)) == len(images)
    other = Counting(fingerprint="other")
    CachedBackend(other, tmp_path).encode(images[0])
    assert other.encoded == 1


def test_it_passes_for_the_model(tmp_path: Path) -> None:
    cached = CachedBackend(Counting(), tmp_path)
    assert (cached.name, cached.fingerprint, cached.stride, cached.device) == ("toy", "abcd", 2, "cpu")
    assert CachedBackend(Counting(), tmp_path, storage="float16").fingerprint == "abcd-float16"


def test_half_the_space(tmp_path: Path) -> None:
    whole, half = tmp_path / "whole", tmp_path / "half"
    image = picture(0, side=64)
    exact = CachedBackend(Counting(), whole)
    near = CachedBackend(Counting(), half, storage="float16")
    expected = exact.decode(exact.encode(image), [PROMPT])
    first, again = (near.decode(near.encode(image), [PROMPT]) for _ in range(2))
    # The first answer is the later ones' equal, though it was not read from the disk.
    np.testing.assert_array_equal(first, again)
    np.testing.assert_allclose(first, expected, atol=1e-3)
    assert (first != expected).any()
    assert files(half)[0].stat().st_size < 0.6 * files(whole)[0].stat().st_size


def test_numbers_too_large_for_half_precision_stay_whole(tmp_path: Path) -> None:
    cached = CachedBackend(Counting(scale=1e6), tmp_path, storage="float16")
    for _ in range(2):
        logits = cached.decode(cached.encode(picture(0)), [PROMPT])
        np.testing.assert_allclose(logits[0], picture(0)[0].mean(axis=0) * 1e6, rtol=1e-6)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(1, 6))
def test_the_bound_holds(tmp_path: Path, order: list[int], room: int) -> None:
    folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
    one = _size_of_one(tmp_path)
    cached = CachedBackend(Counting(), folder, limit=room * one)
    for seed in order:
        cached.encode(picture(seed))
        assert sum(file.stat().st_size for file in files(folder)) <= room * one
    assert len(files(folder)) == min(room, len(set(order))) or len(set(order)) > room


def _size_of_one(tmp_path: Path) -> int:
    folder = tmp_path / "one"
    CachedBackend(Counting(), folder).encode(picture(0))
    return files(folder)[0].stat().st_size


def test_what_was_used_last_stays(tmp_path: Path) -> None:
    one = _size_of_one(tmp_path)
    folder = tmp_path / "cache"
    model = Counting()
    cached = CachedBackend(model, folder, limit=2 * one)
    names = []
    for seed in (0, 1):
        cached.encode(picture(seed))
        new = [file for file in files(folder) if file not in names]
        names += new
        os.utime(new[0], (seed, seed))
    cached.encode(picture(0))  # used again: younger than picture 1
    cached.encode(picture(2))
    encoded = model.encoded
    cached.encode(picture(0))
    assert model.encoded == encoded
    cached.encode(picture(1))
    assert model.encoded == encoded + 1


def test_what_is_larger_than_the_bound_is_not_kept(tmp_path: Path) -> None:
    model = Counting()
    cached = CachedBackend(model, tmp_path, limit=10)
    for _ in range(2):
        assert cached.encode(picture(0)).batch == 1
    assert model.encoded == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff" * 64])
def test_damaged_files_are_encoded_again(tmp_path: Path, content: bytes) -> None:
    model = Counting()
    cached = CachedBackend(model, tmp_path)
    expected = cached.decode(cached.encode(picture(0)), [PROMPT])
    files(tmp_path)[0].write_bytes(content)
    np.testing.assert_array_equal(cached.decode(cached.encode(picture(0)), [PROMPT]), expected)
    assert model.encoded == 2
    cached.encode(picture(0))
    assert model.encoded == 2


def test_features_of_another_version_are_encoded_again(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    model = Counting()
    cached = CachedBackend(model, tmp_path)
    cached.encode(picture(0))
    save_file({"other": np.zeros(3, np.float32)}, files(tmp_path)[0])
    cached.encode(picture(0))
    assert model.encoded == 2


def test_a_full_disk_costs_time_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> int:
        raise OSError(28, "No space left on device")

    cached = CachedBackend(Counting(), tmp_path)
    monkeypatch.setattr(Path, "write_bytes", full)
    assert cached.encode(picture(0)).batch == 1
    assert not files(tmp_path)


def test_half_written_files_of_the_dead_are_removed(tmp_path: Path) -> None:
    old, young = tmp_path / ".a.1.part", tmp_path / ".b.2.part"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    CachedBackend(Counting(), tmp_path).encode(picture(0))
    assert not old.exists()
    assert young.exists()


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x" * 10_000)
    one = _size_of_one(tmp_path)
    cached = CachedBackend(Counting(), tmp_path, limit=one)
    for seed in range(3):
        cached.encode(picture(seed))
    assert (tmp_path / "photo.jpg").stat().st_size == 10_000


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ModelError, match="cannot keep features"):
        CachedBackend(Counting(), tmp_path / "file" / "cache")
    with pytest.raises(ModelError, match="float8"):
        CachedBackend(Counting(), tmp_path, storage="float8")  # type: ignore[arg-type]


def work(folder: Path, start: int) -> int:
    """Encode thirty pictures of a dozen in a folder that is too small for them; how many came out wrong."""
    cached = CachedBackend(Counting(), folder, limit=3000)
    wrong = 0
    for step in range(30):
        image = picture((start + step) % 12)
        logits = cached.decode(cached.encode(image), [PROMPT])
        wrong += not np.allclose(logits[0], image[0].mean(axis=0), atol=1e-6)
    return wrong


def test_processes_share_a_folder(tmp_path: Path) -> None:
    workers = [
        subprocess.Popen([sys.executable, __file__, str(tmp_path), str(start)], stderr=subprocess.PIPE)
        for start in (0, 3, 6)
    ]
    for worker in workers:
        _, complaint = worker.communicate(timeout=60)
        assert worker.returncode == 0, complaint.decode()
    # Each of them may have made room just before another wrote its last file.
    assert sum(file.stat().st_size for file in files(tmp_path)) <= 3000 + 2 * 1000
    assert not list(tmp_path.glob(".*.part"))


if __name__ == "__main__":
    sys.exit(work(Path(sys.argv[1]), int(sys.argv[2])))
