"""Every recorded checkpoint gives the logits that the published code gave."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from skipclick.backend.arrays import pack_clicks
from skipclick.backend.loading import load_model
from skipclick.backend.torch import TorchBackend, TorchFeatures
from skipclick.model.skipclick import normalise
from skipclick.prompt import Click, Prompt

NAMES = (
    "baseline_vitb14_reg",
    "frozen_vitb14_reg",
    "intermediate_vitb14_reg",
    "skip_vitb14_reg",
    "skip_depth2_vitb14_reg",
    "skip_depth6_vitb14_reg",
    "skip_vits14",
    "skip_vitl14_reg",
    "intermediate_vitg14_reg",
    "skip_dinov3_vitb16",
)
STEPS = ("skip_vitb14_reg", "skip_dinov3_vitb16", "skip_vits14")
TOLERANCE = 1e-3
"""Largest difference, as a part of the logits' standard deviation."""


@pytest.fixture
def parity(shared: Path) -> Path:
    return shared / "reference" / "parity"


def picture(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path), dtype=np.float32) / 255


def read_case(folder: Path, case: dict) -> tuple[np.ndarray, Prompt]:
    image = picture(folder / case["image"]).transpose(2, 0, 1)[None]
    previous = None if case["previous"] is None else picture(folder / case["previous"])
    clicks = tuple(Click(x=col, y=row, positive=bool(label)) for row, col, label, _ in case["clicks"])
    return image, Prompt(clicks, previous)


@pytest.mark.parametrize("size", ["224x224", "448x448", "448x672", "672x448"])
@pytest.mark.parametrize("name", NAMES)
def test_logits(parity: Path, name: str, size: str) -> None:
    compare(parity, name, size)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_logits_of_large_images(parity: Path, name: str) -> None:
    compare(parity, name, "896x896")


def test_no_recorded_case_is_left_out(parity: Path) -> None:
    manifest = json.loads((parity / "manifest.json").read_text())
    sizes = {case["name"].split("_")[0] for case in manifest["cases"]}
    assert sizes == {"224x224", "448x448", "448x672", "672x448", "896x896"}
    assert {path.stem for path in parity.glob("*.pth")} == {*NAMES, "trace_model"}


def compare(parity: Path, name: str, size: str) -> None:
    manifest = json.loads((parity / "manifest.json").read_text())
    recorded = np.load(parity / f"{name}.npz")
    model = load_model(parity / f"{name}.pth", device="cpu")
    cases = [case for case in manifest["cases"] if case["name"].startswith(size) and case["name"] in recorded]
    assert cases
    start, step = manifest["grid"]["start"], manifest["grid"]["step"]
    for case in cases:
        image, prompt = read_case(parity, case)
        logits = model.decode(model.encode(image), [prompt])[0]
        mean, deviation, low, high = recorded[case["name"] + "__stats"]
        difference = np.abs(logits[start::step, start::step] - recorded[case["name"]]).max()
        assert difference <= TOLERANCE * deviation, case["name"]
        measured = [logits.mean(), logits.std(), logits.min(), logits.max()]
        np.testing.assert_allclose(
            measured, [mean, deviation, low, high], atol=TOLERANCE * deviation, err_msg=case["name"]
        )


@pytest.mark.parametrize("name", STEPS)
def test_what_leaves_each_part(parity: Path, name: str) -> None:
    recorded = np.load(parity / f"steps_{name}.npz")
    manifest = json.loads((parity / "manifest.json").read_text())
    case = next(case for case in manifest["cases"] if case["name"] == "224x224_some")
    loaded = load_model(parity / f"{name}.pth", device="cpu")
    assert isinstance(loaded, TorchBackend)
    # The fast form has no such parts; it is held to the plain one by tests of its own.
    model = TorchBackend(loaded.network, name=name, device="cpu", plain=True)
    network = model.network
    image, prompt = read_case(parity, case)
    seen: dict[str, torch.Tensor] = {}

    def keep(label: str):
        return lambda _module, _inputs, output: seen.__setitem__(label, output)

    network.prompt_embed.register_forward_hook(keep("prompt_tokens"))
    for index, block in enumerate(network.fusion.blocks):
        block.register_forward_hook(keep(f"fusion_block_{index}"))
    for index, level in enumerate(("level4", "level8", "level16", "level32")):
        getattr(network.pyramid, level).register_forward_hook(keep(f"pyramid_{index}"))
    network.head.classify.register_forward_hook(keep("head_logits"))
    features = model.encode(image)
    assert isinstance(features, TorchFeatures)
    seen["logits"] = torch.from_numpy(model.decode(features, [prompt]))
    with torch.inference_mode():
        taps = network.backbone(normalise(torch.from_numpy(image)), network.config.taps)
    seen |= {f"tap_{index}": tap for index, tap in enumerate(taps)}
    seen["prompt_tokens"] = seen["prompt_tokens"].flatten(2).transpose(1, 2)
    # The published code adds the prompt in place, so its recording of the fused map holds the sum (trap 9).
    seen["fused"] = features.maps.fused.flatten(2).transpose(1, 2) + seen["prompt_tokens"]
    assert pack_clicks([prompt]).shape[:2] == (1, 2)
    checked = 0
    for key in recorded.files:
        if key in seen:
            ours, theirs = seen[key].numpy().squeeze(), recorded[key].squeeze()
            assert np.abs(ours - theirs).max() <= TOLERANCE * theirs.std(), key
            checked += 1
    assert checked == len(recorded.files) - 1  # all but the click maps, which have tests of their own
