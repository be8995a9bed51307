"""The archive reader agrees with PyTorch's own on everything that checkpoints hold."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from skipclick.errors import ModelError
from skipclick.weights.checkpoint import read_checkpoint

DTYPES = [
    torch.float64,
    torch.float32,
    torch.float16,
    torch.bfloat16,
    torch.int64,
    torch.int32,
    torch.int16,
    torch.int8,
    torch.uint8,
    torch.bool,
]


def rewrite(path: Path, replace: dict[str, bytes | None]) -> None:
    """Replace entries of an archive by the last part of their names; None removes one."""
    with zipfile.ZipFile(path) as source:
        entries = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(path, "w") as target:
        for name, content in entries.items():
            new = replace.get(name.rsplit("/", 1)[-1], content)
            if new is not None:
                target.writestr(name, new)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_dtype(dtype: torch.dtype, tmp_path: Path) -> None:
    tensor = (torch.arange(24).reshape(2, 3, 4) - 3).to(dtype)
    torch.save(tensor, tmp_path / "a.pth")
    result = read_checkpoint(tmp_path / "a.pth")
    assert isinstance(result, torch.Tensor)
    assert result.dtype is dtype
    assert torch.equal(result, tensor)


def test_structure_shapes_and_views(tmp_path: Path) -> None:
    base = torch.arange(60, dtype=torch.float32)
    content = {
        "state_dict": OrderedDict(
            scalar=torch.tensor(2.5), empty=torch.empty(0, 3), view=base[10:40].view(5, 6).T
        ),
        "list": [base, (base[::2], None)],
        "parameter": torch.nn.Parameter(base[:3]),
        "size": base.shape,
        "text": "é",
    }
    torch.save(content, tmp_path / "a.pth")
    result = read_checkpoint(tmp_path / "a.pth")
    assert isinstance(result, dict)
    assert list(result) == list(content)
    for name, tensor in content["state_dict"].items():  # type: ignore[attr-defined]
        assert torch.equal(result["state_dict"][name], tensor)
        assert result["state_dict"][name].shape == tensor.shape
    assert torch.equal(result["list"][1][0], base[::2])
    assert result["list"][1][1] is None
    assert torch.equal(result["parameter"], base[:3])
    assert (result["size"], result["text"]) == ((60,), "é")


@settings(max_examples=30)
@given(st.lists(st.integers(1, 4), max_size=4), st.randoms(use_true_random=False))
def test_any_permuted_slice(
    tmp_path_factory: pytest.TempPathFactory, size: list[int], random: object
) -> None:
    tensor = torch.arange(2 * max(1, int(torch.tensor(size).prod()))).float()
    tensor = tensor[: int(torch.tensor(size).prod())].reshape(size)
    order = list(range(len(size)))
    random.shuffle(order)  # type: ignore[attr-defined]
    tensor = tensor.permute(order)
    path = tmp_path_factory.mktemp("slice") / "a.pth"
    torch.save(tensor, path)
    result = read_checkpoint(path)
    assert isinstance(result, torch.Tensor)
    assert torch.equal(result, tensor)
    assert result.stride() == tensor.stride()


def test_shared_storage_is_read_once(tmp_path: Path) -> None:
    base = torch.arange(10.0)
    torch.save([base, base[5:]], tmp_path / "a.pth")
    first, second = read_checkpoint(tmp_path / "a.pth")  # type: ignore[misc]
    assert first.untyped_storage().data_ptr() == second.untyped_storage().data_ptr()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.int64, torch.uint8], ids=str)
def test_big_endian_numbers_are_turned(dtype: torch.dtype, tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    tensor = torch.tensor([1, 2, 100]).to(dtype)
    torch.save(tensor, path)
    raw = tensor.view(torch.uint8).reshape(3, -1).flip(1).numpy().tobytes()
    rewrite(path, {"byteorder": b"big", "0": raw})
    result = read_checkpoint(path)
    assert isinstance(result, torch.Tensor)
    assert torch.equal(result, tensor)


def test_releases_before_2_1_wrote_no_byte_order(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    torch.save(torch.arange(3), path)
    rewrite(path, {"byteorder": None})
    result = read_checkpoint(path)
    assert isinstance(result, torch.Tensor)
    assert result.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("byteorder", b"middle", "byte order"),
        ("0", None, "missing"),
        ("0", b"abc", "another size"),
        ("data.pkl", None, "data.pkl"),
        ("data.pkl", b"garbage", "cannot be read"),
    ],
)
def test_damaged_archives(name: str, content: bytes | None, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    torch.save(torch.arange(3), path)
    rewrite(path, {name: content})
    with pytest.raises(ModelError, match=complaint):
        read_checkpoint(path)


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    torch.save(torch.full((100,), 7.0), path)
    content = bytearray(path.read_bytes())
    position = content.index(b"\x00\x00\xe0\x40" * 10)
    content[position + 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match="CRC"):
        read_checkpoint(path)


def test_files_that_are_no_archives(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    with pytest.raises(ModelError, match="does not exist"):
        read_checkpoint(path)
    path.write_bytes(b"nonsense")
    with pytest.raises(ModelError, match="not a PyTorch checkpoint"):
        read_checkpoint(path)
    path.write_bytes(b"\n<!DOCTYPE html><html>")
    with pytest.raises(ModelError, match="web page"):
        read_checkpoint(path)
    path.write_bytes(b"")
    with pytest.raises(ModelError, match="not a PyTorch checkpoint"):
        read_checkpoint(path)
    with pytest.raises(ModelError, match="cannot be read"):
        read_checkpoint(tmp_path)


def test_the_old_format_is_refused_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    torch.save(torch.arange(3), path, _use_new_zipfile_serialization=False)
    with pytest.raises(ModelError, match=r"old format.*PyTorch 1\.6"):
        read_checkpoint(path)


def test_an_incomplete_download_is_called_so(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    torch.save(torch.arange(1000), path)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(ModelError, match="incomplete"):
        read_checkpoint(path)


def test_unsupported_numbers(tmp_path: Path) -> None:
    torch.save(torch.ones(3, dtype=torch.complex64), tmp_path / "a.pth")
    with pytest.raises(ModelError, match="unsupported type"):
        read_checkpoint(tmp_path / "a.pth")


@settings(max_examples=120, deadline=None)
@given(position=st.integers(min_value=0), replacement=st.integers(0, 255))
def test_damage_anywhere_never_does_worse_than_a_model_error(
    tmp_path_factory: pytest.TempPathFactory, position: int, replacement: int
) -> None:
    buffer = io.BytesIO()
    torch.save({"a": torch.arange(3.0), "b": [1, "x"]}, buffer)
    content = bytearray(buffer.getvalue())
    content[position % len(content)] = replacement
    path = tmp_path_factory.mktemp("damage") / "a.pth"
    path.write_bytes(content)
    with contextlib.suppress(ModelError):
        read_checkpoint(path)


def test_the_published_files_as_pytorch_reads_them(shared: Path) -> None:
    """The foreign class of the files is made up for PyTorch's reader; ours needs none."""
    import sys
    import types

    name = "isegm.model.modeling.transformer_helper.cross_entropy_loss"
    parts = name.split(".")
    modules = {
        ".".join(parts[: end + 1]): types.ModuleType(".".join(parts[: end + 1])) for end in range(len(parts))
    }
    modules[name].CrossEntropyLoss = type("CrossEntropyLoss", (torch.nn.Module,), {"__module__": name})  # type: ignore[attr-defined]
    modules[name].cross_entropy = lambda: None  # type: ignore[attr-defined]
    sys.modules.update(modules)
    try:
        for path in sorted((shared / "reference" / "parity").glob("*.pth")):
            ours, theirs = read_checkpoint(path), torch.load(path, weights_only=False)
            assert isinstance(ours, dict)
            assert list(ours["state_dict"]) == list(theirs["state_dict"])
            for key, tensor in theirs["state_dict"].items():
                assert torch.equal(ours["state_dict"][key], tensor)
            assert ours["config"]["class"] == theirs["config"]["class"]
            assert list(ours["config"]["params"]) == list(theirs["config"]["params"])
    finally:
        for module in modules:
            del sys.modules[module]
