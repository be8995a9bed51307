"""The PyTorch back end: a `SkipClick` network behind the numpy protocol."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from skipclick.backend.protocol import Features
from skipclick.errors import ModelError
from skipclick.model.config import ModelConfig
from skipclick.model.dinov3 import rotary_periods
from skipclick.model.fast import FastFeatures, fast
from skipclick.model.skipclick import ImageFeatures, SkipClick
from skipclick.model.transformer import key_bias_mask
from skipclick.prompt import Prompt
from skipclick.weights.files import check_state


@dataclass(frozen=True, slots=True, eq=False)
class TorchFeatures:
    """Encoded images on the network's device, of its fast or its plain form."""

    maps: FastFeatures | ImageFeatures
    size: tuple[int, int]

    @property
    def batch(self) -> int:
        """Number of images encoded."""
        return self.maps.fused.shape[0]

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        parts = [part if isinstance(part, tuple) else (part,) for part in self.maps]
        return sum(x.nbytes for part in parts for x in part if x is not None)


class TorchBackend:
    """A network on one device, for inference only.

    Args:
        network: the network; it is switched to eval mode and moved to the device.
        name: what to call it.
        device: "cpu", "cuda", "cuda:1", "mps", or "auto": CUDA if there is one, then MPS, then the CPU.
        plain: run the network as it is written, not its fast form: slower, the same but for rounding.

    Raises:
        ModelError: the device does not exist here.
    """

    def __init__(self, network: SkipClick, *, name: str, device: str = "auto", plain: bool = False) -> None:
        self._device = choose_device(device)
        self.network = network.eval().requires_grad_(False).to(self._device)
        self._fast = None if plain else fast(self.network)
        self._name = name

    @property
    def name(self) -> str:
        """What the model is called."""
        return self._name

    @cached_property
    def fingerprint(self) -> str:
        """A short hash of the weights."""
        digest = hashlib.sha256(self.network.config.to_json().encode())
        for name, tensor in sorted(self.network.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.cpu().contiguous().view(torch.uint8).numpy())
        return digest.hexdigest()[:16]

    @property
    def stride(self) -> int:
        """Patch size."""
        return self.network.config.patch

    @property
    def device(self) -> str:
        """Where it runs."""
        return str(self._device)

    def encode(self, images: NDArray[np.float32]) -> Features:
        """See `Backend.encode`."""
        _check_images(images, self.stride)
        dtype = next(self.network.parameters()).dtype
        tensor = torch.from_numpy(np.ascontiguousarray(images)).to(self._device, dtype)
        with torch.inference_mode():
            maps = self.network.encode(tensor) if self._fast is None else self._fast.encode(tensor)
        return TorchFeatures(maps, (images.shape[2], images.shape[3]))

    def decode(self, features: Features, prompts: Sequence[Prompt]) -> NDArray[np.float32]:
        """See `Backend.decode`."""
        if not isinstance(features, TorchFeatures):
            raise ModelError("these features come from another back end; encode the image with this model")
        if features.batch not in (1, len(prompts)) or not prompts:
            raise ModelError(f"{len(prompts)} prompts do not fit features of {features.batch} images")
        maps = features.maps
        # MPS knows no float64; a click there may differ by the last bit of its distance.
        precision = torch.float32 if self._device.type == "mps" else torch.float64
        points = torch.from_numpy(pack_clicks(prompts)).to(self._device, precision)
        previous = torch.from_numpy(_pack_previous(prompts, features.size)).to(self._device, maps.fused.dtype)
        with torch.inference_mode():
            if self._fast is not None and isinstance(maps, FastFeatures):
                logits = self._fast.decode(maps, points, previous)
            elif self._fast is None and isinstance(maps, ImageFeatures):
                logits = self.network.decode(_expand(maps, len(prompts)), points, previous)
            else:
                raise ModelError("these features are of the network's other form; encode the image again")
        result: NDArray[np.float32] = logits[:, 0].float().cpu().numpy()
        return result


def choose_device(wanted: str) -> torch.device:
    """The device for a name; "auto" takes the best that works.

    Raises:
        ModelError: an unknown name, or a device that this machine does not have.
    """
    if wanted == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda", torch.cuda.current_device())
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(wanted)
    except RuntimeError as error:
        raise ModelError(f"unknown device {wanted!r}; use auto, cpu, cuda, cuda:N or mps") from error
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ModelError(f"there is no device {wanted!r} here; use --device cpu or auto")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise ModelError("there is no device 'mps' here; use --device cpu or auto")
    if device.type not in ("cpu", "cuda", "mps"):
        raise ModelError(f"unknown device {wanted!r}; use auto, cpu, cuda, cuda:N or mps")
    return device


def pack_clicks(prompts: Sequence[Prompt]) -> NDArray[np.float64]:
    """All clicks as (B, 2, N, 2) rows and columns, positives first, unused slots (-1, -1)."""
    lists = [[[c for c in p.clicks if bool(c.positive) == label] for label in (True, False)] for p in prompts]
    slots = max(1, *(len(clicks) for pair in lists for clicks in pair))
    points = np.full((len(prompts), 2, slots, 2), -1.0)
    for item, pair in enumerate(lists):
        for label, clicks in enumerate(pair):
            for slot, click in enumerate(clicks):
                points[item, label, slot] = click.y, click.x
    return points


def _pack_previous(prompts: Sequence[Prompt], size: tuple[int, int]) -> NDArray[np.float32]:
    previous = np.zeros((len(prompts), 1, *size), np.float32)
    for item, prompt in enumerate(prompts):
        if prompt.previous is not None:
            if prompt.previous.shape != size:
                raise ModelError(f"a previous mask has size {prompt.previous.shape}, the features {size}")
            previous[item, 0] = prompt.previous
    return previous


def _expand(maps: ImageFeatures, count: int) -> ImageFeatures:
    """One image's features seen `count` times, without a copy."""
    return ImageFeatures(
        maps.fused.expand(count, -1, -1, -1),
        tuple(skip.expand(count, -1, -1, -1) for skip in maps.skips),
        tuple(x.expand(count, -1, -1, -1) for x in maps.detail),
    )


def _check_images(images: NDArray[np.float32], stride: int) -> None:
    if images.dtype != np.float32 or images.ndim != 4 or images.shape[1] != 3:
        raise ModelError(f"encode takes (B, 3, h, w) float32, not {images.shape} {images.dtype}")
    if images.shape[2] % stride or images.shape[3] % stride or 0 in images.shape:
        raise ModelError(
            f"this model needs heights and widths in multiples of {stride}, not {images.shape[2:]}"
        )


def build_network(config: ModelConfig, state: Mapping[str, torch.Tensor], source: str) -> SkipClick:
    """A network with the given weights, in float32.

    Args:
        config: which network.
        state: its tensors by our names. The encoder's `mask_token` may be missing (nothing uses it), and
            so may what is no weight: rotary periods and bias masks.
        source: where they come from, for the message.

    Raises:
        ModelError: names of tensors that are missing, surplus or wrongly shaped.
    """
    # Weights that are overwritten at once need no memory and no random numbers.
    with torch.device("meta"):
        network = SkipClick(config)
    expected = network.state_dict()
    given = {name: tensor.to(torch.float32) for name, tensor in state.items()}
    for name, tensor in derived_tensors(config).items():
        given.setdefault(name, tensor)
    check_state({name: tuple(tensor.shape) for name, tensor in expected.items()}, given, source)
    network.load_state_dict(given, assign=True)
    return network


def derived_tensors(config: ModelConfig) -> dict[str, torch.Tensor]:
    """Entries of a state dict that follow from the configuration."""
    backbone = config.backbone
    derived = {"backbone.mask_token": torch.zeros(1, backbone.width)}
    if backbone.family == "dinov3":
        derived["backbone.rope_embed.periods"] = rotary_periods(backbone.periods)
        for index in range(backbone.depth):
            derived[f"backbone.blocks.{index}.attn.qkv.bias_mask"] = key_bias_mask(backbone.width)
    return derived
