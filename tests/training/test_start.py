"""The network that a run begins with (specification 6.1)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from skipclick.errors import ModelError
from skipclick.model import config as configs
from skipclick.training.recipes import RECIPES, TrainingError
from skipclick.training.start import digest, draw_network, encoder_origin, new_network, trained_network
from skipclick.weights import registry
from skipclick.weights.files import save_model_file


@pytest.fixture
def encoder(toy: ModuleType, tmp_path: Path) -> Path:
    file = tmp_path / "encoder.safetensors"
    save_file({name: x.contiguous() for name, x in toy.network().backbone.state_dict().items()}, file)
    return file


@pytest.fixture(autouse=True)
def toy_model(toy: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(configs.MODELS, "toy", toy.CONFIG)


def test_the_encoder_is_read_and_the_rest_drawn_by_the_seed(toy: ModuleType, encoder: Path) -> None:
    recipe = toy.recipe(model="toy")
    one, two, other = (new_network(recipe, toy.views(), seed=seed, encoder=encoder) for seed in (0, 0, 1))
    for name, tensor in toy.network().backbone.state_dict().items():
        assert torch.equal(one.backbone.state_dict()[name], tensor)
    assert digest(one.state_dict()) == digest(two.state_dict()) != digest(other.state_dict())
    assert digest(one.backbone.state_dict()) == digest(other.backbone.state_dict())
    assert not any(p.requires_grad for p in one.backbone.parameters())


def test_fusion_blocks_that_begin_as_the_encoders(
    toy: ModuleType, encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recipe decides; the images that show what tokens are like depend on the seed alone."""
    wide = toy.config(heads=1, taps=(0, 1), skip=False, depth=2)
    monkeypatch.setitem(configs.MODELS, "toy", wide)
    recipe = toy.recipe(model="toy", fusion="encoder")
    one, two, other = (new_network(recipe, toy.views(), seed=seed, encoder=encoder) for seed in (0, 0, 1))
    for block, source in zip(one.fusion.blocks, one.backbone.blocks[2:], strict=True):
        assert torch.equal(block.attn.qkv.weight, source.attn.qkv.weight)
    assert digest(one.state_dict()) == digest(two.state_dict())
    # Both copied the same blocks, but of other images' size of tokens, and drew other weights for the rest.
    assert torch.equal(one.fusion.blocks[0].mlp.fc1.weight, other.fusion.blocks[0].mlp.fc1.weight)
    assert not torch.equal(one.head.mix.weight, other.head.mix.weight)
    assert not one.fusion.pos_embed.any()
    assert all(p.requires_grad for name, p in one.named_parameters() if not name.startswith("backbone."))


def test_our_own_recipe_on_the_encoder_in_the_package(toy: ModuleType) -> None:
    """Its two fusion blocks are the encoder's tenth and eleventh, with narrower feed-forward layers."""
    small = toy.recipe()
    recipe = replace(RECIPES["skipclick-s"], augmentation=small.augmentation, sampling=small.sampling)
    network = new_network(recipe, toy.views(recipe), seed=0)
    for block, source in zip(network.fusion.blocks, network.backbone.blocks[9:11], strict=True):
        assert torch.equal(block.attn.qkv.weight, source.attn.qkv.weight)
        rows = {tuple(row.tolist()) for row in source.mlp.fc1.weight}
        assert all(tuple(row.tolist()) in rows for row in block.mlp.fc1.weight)
        assert len(block.mlp.fc1.weight) == 1024


def test_an_encoder_that_is_not_there(toy: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"gone\.pth.*--backbone FILE names the encoder's weights"):
        new_network(toy.recipe(model="toy"), toy.views(), seed=0, encoder=tmp_path / "gone.pth")


def test_another_encoder_is_refused(encoder: Path, toy: ModuleType) -> None:
    with pytest.raises(TrainingError, match="is not the encoder of skip: it needs dinov2_vitb14_reg"):
        new_network(toy.recipe(), toy.views(), seed=0, encoder=encoder)


def test_drawing_leaves_pytorchs_generator_alone(toy: ModuleType) -> None:
    state = torch.get_rng_state()
    draw_network(toy.CONFIG, 3)
    assert torch.equal(torch.get_rng_state(), state)


def test_the_published_initial_weights(toy: ModuleType) -> None:
    """Xavier uniform in the fusion blocks, σ 0.02 for positions, Kaiming fan-out in the head; biases 0."""
    network = draw_network(toy.config(width=128, hidden=512, head=64, pyramid=(64, 64, 64, 64)), 0)
    assert network.fusion.pos_embed.std().item() == pytest.approx(0.02, rel=0.1)
    for name, parameter in network.fusion.blocks.named_parameters():
        if parameter.ndim == 2:
            bound = np.sqrt(6 / sum(parameter.shape))
            assert parameter.abs().max().item() == pytest.approx(bound, rel=0.01)
        elif name.endswith("bias"):
            assert not parameter.any()
        else:
            assert (parameter == 1).all()
    for layer in (*network.head.levels, network.head.mix):
        assert layer.weight.std().item() == pytest.approx(np.sqrt(2 / layer.out_channels), rel=0.1)
        assert not layer.bias.any()
    # PyTorch's own for the others.
    fan_in = network.fuse.in_features
    assert network.fuse.weight.abs().max().item() == pytest.approx(1 / np.sqrt(fan_in), rel=0.01)


def test_a_trained_model_is_taken_up_with_its_encoder_frozen(toy: ModuleType, tmp_path: Path) -> None:
    network = toy.network(replace(toy.CONFIG, train_backbone=True))
    file = tmp_path / "mine.safetensors"
    save_model_file(file, network.config, network.state_dict())
    found, name = trained_network(str(file))
    assert name == "mine"
    assert digest(found.state_dict()) == digest(network.state_dict())
    assert {n for n, p in found.named_parameters() if not p.requires_grad} == {
        n for n, _ in found.named_parameters() if n.startswith("backbone.")
    }
    with pytest.raises(ModelError, match="no model is called 'nothing'"):
        trained_network("nothing")


def test_a_digest_knows_names_and_values() -> None:
    one = {"a": torch.zeros(2), "b": torch.ones(())}
    assert digest(one) == digest(dict(reversed(one.items())))
    assert (
        len({digest(one), digest({"a": torch.zeros(2)}), digest(one | {"a": torch.tensor([0.0, 1e-9])})}) == 3
    )


def test_the_origin_of_an_encoder(toy: ModuleType, encoder: Path) -> None:
    network = toy.network()
    weights = digest(network.backbone.state_dict())
    assert encoder_origin(network, encoder) == {"encoder": f"encoder.safetensors {weights}"}
    assert encoder_origin(network, "dinov3_vitb16") == {
        "encoder": f"dinov3_vitb16 {weights}",
        "encoder_licence": "DINOv3 License",
        "encoder_source": "Meta",
        "encoder_note": registry.find("dinov3_vitb16").note,
    }
