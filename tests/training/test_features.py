"""Features of views that come again are computed once."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from skipclick.model.skipclick import SkipClick, normalise
from skipclick.training import features
from skipclick.training.features import TapCache, encode_views, open_cache

SHAPE = (4, 16, 64)


@pytest.fixture
def network(toy: ModuleType) -> SkipClick:
    return toy.network()


@pytest.fixture
def image() -> torch.Tensor:
    return torch.rand(3, 3, 56, 56, generator=torch.Generator().manual_seed(0))


def caches(tmp_path: Path) -> list[TapCache]:
    return [TapCache(), TapCache(tmp_path / "taps")]


def test_what_is_put_is_got(tmp_path: Path) -> None:
    taps = np.random.default_rng(0).random(SHAPE).astype(np.float16)
    for cache in caches(tmp_path):
        assert cache.get(3) is None
        cache.put(3, taps)
        found = cache.get(3)
        assert found is not None
        np.testing.assert_array_equal(found, taps)
        assert cache.get(4) is None


def test_files_stay_for_the_next_run_and_damaged_ones_are_made_again(tmp_path: Path) -> None:
    TapCache(tmp_path).put(0, np.ones(SHAPE, np.float16))
    assert TapCache(tmp_path).get(0) is not None
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:200])
    assert TapCache(tmp_path).get(0) is None
    file.write_bytes(b"")
    assert TapCache(tmp_path).get(0) is None


def test_views_are_encoded_once(
    network: SkipClick, image: torch.Tensor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []
    plain = network.backbone.forward

    def counted(pixels: torch.Tensor, taps: tuple[int, ...]) -> list[torch.Tensor]:
        runs.append(len(pixels))
        return plain(pixels, taps)

    monkeypatch.setattr(network.backbone, "forward", counted)
    for cache in caches(tmp_path):
        runs.clear()
        first = encode_views(network, image, (0, 1, 2), cache)
        again = encode_views(network, image[[2, 0]], (2, 0), cache)
        assert runs == [1, 1, 1]
        for one, two in zip(first, again, strict=True):
            assert one.shape == (3, *SHAPE[1:])
            assert torch.equal(one[[2, 0]], two)


def test_kept_features_are_those_of_the_encoder_in_half_precision(
    network: SkipClick, image: torch.Tensor
) -> None:
    exact = encode_views(network, image, (-1, -1, -1), TapCache())
    kept = encode_views(network, image, (0, 1, 2), TapCache())
    assert len(kept) == len(network.config.taps)
    for one, two in zip(exact, kept, strict=True):
        assert two.dtype == torch.float32
        torch.testing.assert_close(two, one, rtol=2e-3, atol=2e-3)
        assert torch.equal(two, two.half().float())


def test_what_a_view_gives_does_not_depend_on_its_batch(network: SkipClick, image: torch.Tensor) -> None:
    together = encode_views(network, image, (0, 1, 2), TapCache())
    alone = encode_views(network, image[1:2], (1,), TapCache())
    for one, two in zip(together, alone, strict=True):
        assert torch.equal(one[1:2], two)


def test_the_encoder_runs_in_eval_mode_and_stays_as_it_was(network: SkipClick, image: torch.Tensor) -> None:
    network.train()
    found = encode_views(network, image, (-1,) * 3, None)
    assert network.backbone.training
    assert not found[0].requires_grad
    with torch.no_grad():
        expected = network.eval().backbone(normalise(image), network.config.taps)
    assert torch.equal(found[0], expected[0])


def test_large_caches_go_to_disk(network: SkipClick, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = 10 * np.prod(SHAPE) * 2
    monkeypatch.setattr(features, "MEMORY", size)
    open_cache(network, 10, (56, 56), tmp_path / "few")
    open_cache(network, 11, (56, 56), tmp_path / "many")
    assert [path.name for path in tmp_path.iterdir()] == ["many"]
