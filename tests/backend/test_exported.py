"""What exported models tell about themselves, and where they are."""

import dataclasses
from pathlib import Path

import pytest

from skipclick.backend.exported import GraphInfo, exported_format, graph_paths
from skipclick.errors import ModelError

INFO = GraphInfo("my model", "0123abcd", 14, "float32", ("fused", "levels0"), '{"a": 1}')


def test_metadata_goes_there_and_back() -> None:
    metadata = INFO.to_metadata()
    assert all(isinstance(value, str) for value in metadata.values())
    assert GraphInfo.from_metadata({**metadata, "of others": "x"}, Path("x")) == INFO


def test_graphs_of_others_are_refused() -> None:
    with pytest.raises(ModelError, match="not written by `skipclick export`"):
        GraphInfo.from_metadata({"name": "x"}, Path("x.onnx"))


def test_a_later_format_is_refused() -> None:
    later = INFO.to_metadata() | {"skipclick_format": "skipclick-graphs-9"}
    with pytest.raises(ModelError, match="skipclick-graphs-9"):
        GraphInfo.from_metadata(later, Path("x.onnx"))


@pytest.mark.parametrize("key", [f"skipclick_{field.name}" for field in dataclasses.fields(GraphInfo)])
def test_missing_entries_are_refused(key: str) -> None:
    metadata = INFO.to_metadata()
    del metadata[key]
    with pytest.raises(ModelError, match="damaged"):
        GraphInfo.from_metadata(metadata, Path("x.onnx"))


def test_a_stride_is_a_number() -> None:
    with pytest.raises(ModelError, match="damaged"):
        GraphInfo.from_metadata(INFO.to_metadata() | {"skipclick_stride": "wide"}, Path("x.onnx"))


def fill(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"")
    return folder


def test_formats_are_told_by_names(tmp_path: Path) -> None:
    onnx = fill(tmp_path / "a", "encode.onnx", "click.onnx")
    openvino = fill(tmp_path / "b", "encode.xml", "click.xml")
    assert exported_format(onnx) == exported_format(onnx / "click.onnx") == "onnx"
    assert exported_format(openvino) == exported_format(openvino / "encode.xml") == "openvino"
    assert exported_format(fill(tmp_path / "c", "model.safetensors")) is None
    assert exported_format(Path("skipclick-s")) is None
    assert exported_format(Path("owner/name")) is None


def test_both_graphs_are_found_from_either(tmp_path: Path) -> None:
    folder = fill(tmp_path / "a", "encode.onnx", "click.onnx")
    expected = folder / "encode.onnx", folder / "click.onnx"
    for path in (folder, *expected):
        assert graph_paths(path, "onnx") == expected


def test_one_graph_is_not_enough(tmp_path: Path) -> None:
    folder = fill(tmp_path / "a", "click.onnx")
    with pytest.raises(ModelError, match=r"encode\.onnx is missing"):
        graph_paths(folder, "onnx")


def test_another_file_is_not_a_graph_of_ours(tmp_path: Path) -> None:
    folder = fill(tmp_path / "a", "resnet.onnx")
    with pytest.raises(ModelError, match="name the folder"):
        graph_paths(folder / "resnet.onnx", "onnx")
