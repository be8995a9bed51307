"""The PyTorch back end behind the numpy protocol."""

import copy
import dataclasses
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from skipclick.backend.arrays import pack_clicks
from skipclick.backend.cache import CachedBackend
from skipclick.backend.protocol import Backend
from skipclick.backend.torch import (
    TorchBackend,
    TorchPrecision,
    build_network,
    choose_device,
    finish,
    has_bf16,
    one_thread,
)
from skipclick.errors import ModelError
from skipclick.model.config import BackboneConfig, ModelConfig
from skipclick.model.skipclick import SkipClick, normalise
from skipclick.prompt import Click, Prompt

ENCODER = BackboneConfig("dinov3", 16, 24, 12, heads=3, hidden=48, registers=4, periods=2)
CONFIG = ModelConfig(ENCODER, width=24, depth=1, heads=3, hidden=48, grid=4, pyramid=(8, 8, 8, 8), head=8)


@pytest.fixture(scope="module")
def network() -> SkipClick:
    torch.manual_seed(0)
    return SkipClick(CONFIG)


@pytest.fixture(scope="module")
def backend(network: SkipClick) -> TorchBackend:
    return TorchBackend(network, name="toy", device="cpu")


def pictures(count: int) -> np.ndarray:
    return np.random.default_rng(count).random((count, 3, 64, 96), dtype=np.float32)


PROMPT = Prompt((Click(10, 20), Click(50.5, 30.25, positive=False)))


def test_it_keeps_the_protocol(backend: TorchBackend) -> None:
    model: Backend = backend
    assert (model.name, model.stride, model.device) == ("toy", 16, "cpu")
    features = model.encode(pictures(2))
    assert (features.batch, features.size) == (2, (64, 96))
    assert features.nbytes > 0
    logits = model.decode(features, [PROMPT, Prompt()])
    assert logits.shape == (2, 64, 96)
    assert logits.dtype == np.float32


def test_the_memory_of_features_is_counted(network: SkipClick, backend: TorchBackend) -> None:
    plain = TorchBackend(network, name="toy", device="cpu", plain=True)
    # The fused map and four taps of 24 channels for each of 4 · 6 patches.
    assert plain.encode(pictures(2)).nbytes == 2 * 5 * 24 * (4 * 6) * 4
    # The fused map; first layers of 4 · 24 and 8 channels; between them one that is composed with the next,
    # of 4 · 8 outputs, 24 inputs and two moments; then 96 on half the grid.
    each = 24 + 4 * 24 + (4 * 8 + 24 + 2) + 8
    assert backend.encode(pictures(2)).nbytes == 2 * (each * 24 + 96 * 6) * 4


def test_the_fast_form_is_the_default_and_answers_the_same(network: SkipClick, backend: TorchBackend) -> None:
    plain = TorchBackend(network, name="toy", device="cpu", plain=True)
    assert plain.fingerprint == backend.fingerprint
    for images, prompts in ((2, [PROMPT, Prompt()]), (1, [PROMPT, Prompt(), PROMPT])):
        ours = backend.decode(backend.encode(pictures(images)), prompts)
        expected = plain.decode(plain.encode(pictures(images)), prompts)
        assert np.abs(ours - expected).max() <= 1e-4 * expected.std()


def test_features_of_the_other_form_are_refused(network: SkipClick, backend: TorchBackend) -> None:
    plain = TorchBackend(network, name="toy", device="cpu", plain=True)
    with pytest.raises(ModelError, match="encode the image again"):
        backend.decode(plain.encode(pictures(1)), [PROMPT])
    with pytest.raises(ModelError, match="encode the image again"):
        plain.decode(backend.encode(pictures(1)), [PROMPT])


def test_the_fingerprint_follows_the_weights_and_not_the_name(
    network: SkipClick, backend: TorchBackend
) -> None:
    state = network.state_dict()
    same = TorchBackend(build_network(CONFIG, state, "toy"), name="other", device="cpu")
    changed = {name: tensor.clone() for name, tensor in state.items()}
    changed["head.classify.bias"] += 1
    other = TorchBackend(build_network(CONFIG, changed, "toy"), name="toy", device="cpu")
    assert same.fingerprint == backend.fingerprint
    assert other.fingerprint != backend.fingerprint


def test_decoding_is_pure(backend: TorchBackend) -> None:
    features = backend.encode(pictures(1))
    first = backend.decode(features, [PROMPT])
    backend.decode(features, [Prompt((Click(1, 1),))])
    np.testing.assert_array_equal(first, backend.decode(features, [PROMPT]))


def test_many_prompts_on_one_image(backend: TorchBackend) -> None:
    features = backend.encode(pictures(1))
    previous = np.random.default_rng(5).random((64, 96), dtype=np.float32)
    prompts = [PROMPT, Prompt((Click(3, 3),)), Prompt(PROMPT.clicks, previous)]
    together = backend.decode(features, prompts)
    for logits, prompt in zip(together, prompts, strict=True):
        np.testing.assert_allclose(logits, backend.decode(features, [prompt])[0], atol=1e-5)


def test_clicks_are_x_y_outside_and_rows_columns_inside() -> None:
    points = pack_clicks([Prompt((Click(7, 3), Click(1, 2, positive=False), Click(9, 8))), Prompt()])
    assert points.shape == (2, 2, 2, 2)
    assert points[0, 0].tolist() == [[3, 7], [8, 9]]
    assert points[0, 1].tolist() == [[2, 1], [-1, -1]]
    assert (points[1] == -1).all()


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((3, 64, 64), np.float32),
        np.zeros((1, 64, 64, 3), np.float32),
        np.zeros((1, 3, 64, 64), np.float64),
        np.zeros((1, 3, 60, 64), np.float32),
        np.zeros((0, 3, 64, 64), np.float32),
    ],
)
def test_wrong_images_are_refused(backend: TorchBackend, images: np.ndarray) -> None:
    with pytest.raises(ModelError):
        backend.encode(images)


def test_wrong_prompts_are_refused(backend: TorchBackend) -> None:
    features = backend.encode(pictures(2))
    with pytest.raises(ModelError, match="do not fit"):
        backend.decode(features, [PROMPT] * 3)
    with pytest.raises(ModelError, match="do not fit"):
        backend.decode(features, [])
    with pytest.raises(ModelError, match="previous mask has size"):
        backend.decode(features, [Prompt(previous=np.zeros((32, 32), np.float32))] * 2)


def test_features_of_another_back_end_are_refused(backend: TorchBackend) -> None:
    class Foreign:
        batch, size, nbytes = 1, (64, 96), 0

    with pytest.raises(ModelError, match="another back end"):
        backend.decode(Foreign(), [PROMPT])


def test_features_of_other_weights_are_refused(backend: TorchBackend) -> None:
    torch.manual_seed(1)
    tuned = TorchBackend(SkipClick(CONFIG), name="tuned", device="cpu")
    with pytest.raises(ModelError, match="made by toy with other weights"):
        tuned.decode(backend.encode(pictures(1)), [PROMPT])
    with pytest.raises(ModelError, match="made by toy with other weights"):
        tuned.features_to_arrays(backend.encode(pictures(1)))


def test_the_same_weights_loaded_twice_share_features(network: SkipClick, backend: TorchBackend) -> None:
    again = TorchBackend(copy.deepcopy(network), name="again", device="cpu")
    features = backend.encode(pictures(1))
    np.testing.assert_array_equal(again.decode(features, [PROMPT]), backend.decode(features, [PROMPT]))


def test_float32_on_cuda_is_not_tf32(network: SkipClick, monkeypatch: pytest.MonkeyPatch) -> None:
    cudnn, seen = torch.backends.cudnn, []
    for precision in ("float32", "bf16"):
        model = TorchBackend(copy.deepcopy(network), name="toy", device="cpu", precision=precision)
        monkeypatch.setattr(model, "_device", torch.device("cuda"))
        before = cudnn.enabled, cudnn.allow_tf32
        with model._arithmetic():
            seen.append((cudnn.enabled, cudnn.allow_tf32))
        assert (cudnn.enabled, cudnn.allow_tf32) == before
    assert seen == [(before[0], False), before]


def test_devices() -> None:
    assert choose_device("cpu").type == "cpu"
    assert choose_device("auto").type in {"cpu", "cuda", "mps"}
    for name in ("cuda:63", "tpu", "meta", "no such thing"):
        with pytest.raises(ModelError, match="device"):
            choose_device(name)


def test_build_network_needs_no_derived_tensors(network: SkipClick) -> None:
    derived = ("mask_token", "periods", "bias_mask")
    state = {name: tensor for name, tensor in network.state_dict().items() if not name.endswith(derived)}
    rebuilt = build_network(CONFIG, state, "toy")
    image = torch.from_numpy(pictures(1))
    with torch.inference_mode():
        np.testing.assert_array_equal(rebuilt.eval().encode(image).fused, network.encode(image).fused)


def test_build_network_widens_half_precision(network: SkipClick) -> None:
    state = {name: tensor.half() for name, tensor in network.state_dict().items()}
    assert {p.dtype for p in build_network(CONFIG, state, "toy").parameters()} == {torch.float32}


def test_build_network_names_what_does_not_fit(network: SkipClick) -> None:
    state = dict(network.state_dict())
    state["fuse.weight"] = state["fuse.weight"][:, 1:]
    del state["head.classify.bias"]
    state["head.colour"] = torch.zeros(1)
    with pytest.raises(ModelError) as caught:
        build_network(CONFIG, state, "my.pth")
    for part in ("my.pth", "fuse.weight", "head.classify.bias", "head.colour"):
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_configuration_is_refused(network: SkipClick) -> None:
    with pytest.raises(ModelError, match=r"fusion\.blocks\.1"):
        build_network(dataclasses.replace(CONFIG, depth=2), network.state_dict(), "toy")


def fresh(network: SkipClick) -> SkipClick:
    """A copy with weights of its own, for back ends that convert them."""
    return build_network(CONFIG, {name: x.clone() for name, x in network.state_dict().items()}, "toy")


def test_features_come_apart_and_together(backend: TorchBackend) -> None:
    features = backend.encode(pictures(2))
    arrays = backend.features_to_arrays(features)
    assert list(arrays) == list(backend.form.feature_names)
    assert sum(array.nbytes for array in arrays.values()) == features.nbytes
    again = backend.features_from_arrays(arrays, features.size)
    prompts = [PROMPT, Prompt()]
    np.testing.assert_array_equal(backend.decode(again, prompts), backend.decode(features, prompts))


def test_a_cache_serves_it(network: SkipClick, tmp_path: Path) -> None:
    backend = TorchBackend(network, name="toy", device="cpu")
    cached = CachedBackend(backend, tmp_path)
    for _ in range(2):
        logits = cached.decode(cached.encode(pictures(1)), [PROMPT])
        np.testing.assert_array_equal(logits, backend.decode(backend.encode(pictures(1)), [PROMPT]))
    assert len(list(tmp_path.iterdir())) == 1


def test_features_of_other_models_do_not_fit(network: SkipClick, backend: TorchBackend) -> None:
    plain = TorchBackend(network, name="toy", device="cpu", plain=True)
    features = backend.encode(pictures(1))
    arrays = backend.features_to_arrays(features)
    with pytest.raises(ModelError, match="another model"):
        backend.features_from_arrays({"fused": arrays["fused"]}, features.size)
    with pytest.raises(ModelError, match="fast form"):
        plain.features_from_arrays(arrays, features.size)
    with pytest.raises(ModelError, match="fast form"):
        plain.features_to_arrays(plain.encode(pictures(1)))


def test_bf16_gives_the_encoder_colours_in_float32(network: SkipClick) -> None:
    half = TorchBackend(fresh(network), name="toy", device="cpu", precision="bf16")
    seen: list[torch.Tensor] = []
    half.network.backbone.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0]))
    half.encode(pictures(1))
    assert seen[0].dtype == torch.float32
    assert (seen[0] == normalise(torch.from_numpy(pictures(1)))).all()


def test_bf16_is_near(network: SkipClick, backend: TorchBackend) -> None:
    half = TorchBackend(fresh(network), name="toy", device="cpu", precision="bf16")
    assert (half.precision, backend.precision) == ("bf16", "float32")
    assert half.fingerprint != backend.fingerprint
    features = half.encode(pictures(1))
    assert features.nbytes == backend.encode(pictures(1)).nbytes / 2
    logits = half.decode(features, [PROMPT])
    expected = backend.decode(backend.encode(pictures(1)), [PROMPT])
    assert logits.dtype == np.float32
    difference = np.square(logits - expected).mean() ** 0.5
    assert 0 < difference < 0.1 * expected.std()
    arrays = half.features_to_arrays(features)
    assert {array.dtype for array in arrays.values()} == {np.dtype(np.float32)}
    again = half.features_from_arrays(arrays, features.size)
    np.testing.assert_array_equal(half.decode(again, [PROMPT]), logits)


def test_the_plain_form_answers_the_same_in_float32(network: SkipClick, backend: TorchBackend) -> None:
    half = TorchBackend(copy.deepcopy(network), name="half", device="cpu", precision="bf16")
    for model, largest, typical in ((backend, 1e-4, 1e-5), (half, 0.2, 0.05)):
        plain = model.plain_form()
        assert (plain.precision, plain.device) == ("float32", "cpu")
        expected = model.decode(model.encode(pictures(1)), [PROMPT])
        difference = plain.decode(plain.encode(pictures(1)), [PROMPT]) - expected
        assert np.abs(difference).max() < largest * expected.std()
        assert np.square(difference).mean() ** 0.5 < typical * expected.std()
    with pytest.raises(ModelError, match="as it is written"):
        _ = plain.form


def test_only_cuda_compiles(network: SkipClick, backend: TorchBackend) -> None:
    with pytest.raises(ModelError, match="on CUDA can be compiled"):
        backend.compiled()
    with pytest.raises(ModelError, match="fast form"):
        TorchBackend(network, name="toy", device="cpu", plain=True, compiled=True)


def test_sessions_in_threads_get_their_own_answers(backend: TorchBackend) -> None:
    features = backend.encode(pictures(1))
    prompts = [Prompt((Click(5 * index, 4 * index),)) for index in range(6)]
    expected = [backend.decode(features, [prompt]) for prompt in prompts]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda prompt: backend.decode(features, [prompt]), prompts))
    for ours, theirs in zip(answers, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_a_compiled_click_path_answers_the_same(network: SkipClick, precision: TorchPrecision) -> None:
    plain = TorchBackend(fresh(network), name="toy", device="cuda", precision=precision)
    compiled = plain.compiled()
    for prompts in ([PROMPT], [Prompt()], [Prompt((Click(1, 1),) * 20)]):
        expected = plain.decode(plain.encode(pictures(1)), prompts)
        measured = compiled.decode(compiled.encode(pictures(1)), prompts)
        np.testing.assert_allclose(measured, expected, atol=2e-2 * expected.std())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_agrees_with_the_cpu(network: SkipClick, backend: TorchBackend) -> None:
    other = TorchBackend(build_network(CONFIG, network.state_dict(), "toy"), name="toy", device="cuda")
    expected = backend.decode(backend.encode(pictures(1)), [PROMPT])
    measured = other.decode(other.encode(pictures(1)), [PROMPT])
    np.testing.assert_allclose(measured, expected, atol=1e-2 * expected.std())


@pytest.mark.parametrize(
    ("rank", "card"), [(None, 1), ("0", 0), ("2", 2), ("3", 3), ("4", 3), ("9", 3), ("", 1), ("x", 1)]
)
def test_each_process_of_torchrun_has_its_card(
    monkeypatch: pytest.MonkeyPatch, rank: str | None, card: int
) -> None:
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    if rank is not None:
        monkeypatch.setenv("LOCAL_RANK", rank)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 1)
    assert choose_device("auto") == choose_device("cuda") == torch.device("cuda", card)
    assert choose_device("cuda:0") == torch.device("cuda", 0)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    assert choose_device("auto").type in {"cpu", "mps"}
    with pytest.raises(ModelError, match="there is no device 'cuda' here"):
        choose_device("cuda")


def test_an_image_is_encoded_when_encode_returns(
    monkeypatch: pytest.MonkeyPatch, backend: TorchBackend
) -> None:
    waited: list[torch.device | None] = []
    monkeypatch.setattr(torch.cuda, "synchronize", waited.append)
    monkeypatch.setattr(torch.mps, "synchronize", lambda: waited.append(None))
    card = torch.device("cuda", 1)
    for device in (torch.device("cpu"), card, torch.device("mps")):
        finish(device)
    assert waited == [card, None]
    monkeypatch.setattr("skipclick.backend.torch.finish", waited.append)
    backend.encode(pictures(1))
    assert waited[2:] == [torch.device("cpu")]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({}, False),
        ({"avx2": True, "avx512_f": True, "avx512_bf16": False, "amx_bf16": False}, False),
        ({"avx512_f": True, "avx512_bf16": True}, True),
        ({"amx_bf16": True}, True),
    ],
)
def test_which_processors_have_bf16(
    found: dict[str, bool], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found)
    assert has_bf16(torch.device("cpu")) is expected


@pytest.mark.parametrize(("capability", "expected"), [((7, 5), False), ((8, 0), True), ((9, 0), True)])
def test_which_cards_have_bf16(
    capability: tuple[int, int], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device: capability)
    assert has_bf16(torch.device("cuda", 1)) is expected
    assert not has_bf16(torch.device("mps"))


def test_the_compiler_is_not_imported_for_a_click() -> None:
    script = """
import sys
import numpy as np
import torch
from skipclick.backend.torch import TorchBackend, build_network
from skipclick.model.config import MODELS
from skipclick.model.skipclick import SkipClick
from skipclick.prompt import Click, Prompt
config = MODELS["skipclick-s"]
state = {name: torch.zeros(x.shape) for name, x in SkipClick(config).state_dict().items()}
model = TorchBackend(build_network(config, state, "zeros"), name="zeros", device="cpu")
model.decode(model.encode(np.zeros((1, 3, 28, 28), np.float32)), [Prompt((Click(1, 2),))])
print("torch._dynamo" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False", "it takes one and a half seconds and 70 MB"


def test_threads_are_as_many_as_before() -> None:
    before = torch.get_num_threads()
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
    with pytest.raises(RuntimeError), one_thread():
        raise RuntimeError
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(("there", "allowed", "left"), [(8, 3, 3), (2, 3, 2)])
def test_a_back_end_takes_no_more_threads_than_it_may(
    there: int, allowed: int, left: int, network: SkipClick, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = torch.get_num_threads()
    monkeypatch.setattr("skipclick.backend.torch.thread_count", lambda: allowed)
    try:
        torch.set_num_threads(there)
        TorchBackend(network, name="toy", device="cpu")
        assert torch.get_num_threads() == left
    finally:
        torch.set_num_threads(before)


@pytest.mark.skipif(sys.platform != "linux", reason="counts the threads of a process as Linux tells them")
def test_loading_starts_no_helpers() -> None:
    """They would be in the way of those of the thread that answers clicks."""
    script = """
import os, torch
from skipclick import load_model

def threads():
    return len(os.listdir("/proc/self/task"))

torch.set_num_threads(4)
load_model("skipclick-s", device="cpu")
before = threads()
torch.ones(1 << 20).mul_(2)
print(before, threads(), torch.get_num_threads())
"""
    environment = {**os.environ, "OMP_NUM_THREADS": "4"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    before, after, threads = map(int, done.stdout.split())
    assert after == before + 3
    assert threads == 4
