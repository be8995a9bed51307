"""The table of models that have a name."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from pathlib import Path

import pytest

from skipclick.errors import DownloadError, ModelError
from skipclick.model.config import BACKBONES, MODELS
from skipclick.weights import registry
from skipclick.weights.download import sha256_of
from skipclick.weights.registry import Entry, entries, find, known_sha256, near, obtain

ALL = list(entries().values())
# Specification 2.4, 2.5 and 2.11.
PARAMETERS = {
    "baseline": 126_589_505,
    "frozen": 126_589_505,
    "intermediate": 128_949_569,
    "skip": 153_164_417,
    "skip-dinov3": 152_204_417,
    "dinov2_vits14": 22_056_576,
    "dinov2_vits14_reg": 22_058_112,
    "dinov2_vitb14": 86_580_480,
    "dinov2_vitb14_reg": 86_583_552,
    "dinov2_vitl14": 304_368_640,
    "dinov2_vitl14_reg": 304_372_736,
    "dinov2_vitg14": 1_136_480_768,
    "dinov2_vitg14_reg": 1_136_486_912,
    "dinov3_vitb16": 85_669_632,
}


def archive(text: str = "x") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("data.pkl", text)
    return buffer.getvalue()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SKIPCLICK_CACHE", str(tmp_path))
    monkeypatch.delenv("SKIPCLICK_OFFLINE", raising=False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    return tmp_path


class Web:
    """Stands for the network: writes into the partial file what the next download brings."""

    def __init__(self) -> None:
        self.content = archive()
        self.asked: list[str] = []

    def fetch_part(self, url: str, part: Path, size: object, progress: object) -> None:
        self.asked.append(url)
        part.write_bytes(self.content)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Web:
    result = Web()
    monkeypatch.setattr("skipclick.weights.download._fetch_part", result.fetch_part)
    return result


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: entry.name)
def test_every_entry_is_whole(entry: Entry) -> None:
    assert entry.config in (MODELS if entry.kind == "model" else BACKBONES)
    assert entry.title
    assert entry.licence
    assert entry.source
    assert entry.paths
    assert all(path.suffix in (".pth", ".safetensors") for path in entry.paths)
    assert entry.embedded != bool(entry.url or entry.filename)
    assert entry.url is None or entry.url.startswith("https://")
    if entry.url and entry.sha256 is None:
        assert "checksum not published" in entry.note
    assert entry.parameters == PARAMETERS.get(entry.name)


def test_names_and_files_are_unique() -> None:
    assert len({entry.name for entry in ALL}) == len(ALL)
    fetched = [entry.paths for entry in ALL if not entry.embedded]
    assert len(set(fetched)) == len(fetched)
    text = (Path(registry.__file__).parent / "models.toml").read_text()
    assert text.count("[[entry]]") == len(ALL)


def test_the_order_is_models_first() -> None:
    kinds = [entry.kind for entry in ALL]
    assert kinds == sorted(kinds, key=["model", "backbone"].index)
    assert registry.names("model")[0] == "skipclick-s"
    assert "dinov2_vitb14_reg" in registry.names("backbone")


def test_the_published_links_are_those_of_the_readme(shared: Path) -> None:
    text = (shared / "reference" / "published-readme.txt").read_text()
    for name in ("baseline", "frozen", "intermediate", "skip", "skip-dinov3"):
        assert f"({find(name).url})" in text
        assert find(name).licence == "not stated by the authors"


def test_files_are_kept_in_the_cache_under_their_names(cache: Path) -> None:
    assert find("skip").paths == (cache / "skipclick-skip.pth",)
    assert find("dinov2_vits14").paths == (cache / "dinov2_vits14_pretrain.pth",)
    assert all(path.parent == registry.embedded_folder() for path in find("skipclick-s").paths)


def test_near_names() -> None:
    assert find("skip").name == "skip"
    with pytest.raises(ModelError, match=r"'skp' \(did you mean skip"):
        find("skp")
    with pytest.raises(ModelError, match="dinov2_vitb14_reg"):
        find("DINOv2_vitb14-reg")
    assert near("something else entirely") == ""


def test_sizes(cache: Path) -> None:
    assert find("skip").bytes == 4 * 153_164_417
    assert find("dinov3_vits16").bytes is None
    (cache / "skipclick-skip.pth").write_bytes(b"12345")
    assert find("skip").bytes == 5
    assert find("skip").here


def test_a_download_is_recorded_and_used_again(cache: Path, web: Web) -> None:
    entry = find("skip")
    assert not entry.here
    assert known_sha256(entry) is None
    assert obtain(entry) == entry.paths
    assert obtain(entry)[0].read_bytes() == web.content
    assert web.asked == [entry.url]
    digest = sha256_of(entry.paths[0])
    assert (cache / "skipclick-skip.pth.sha256").read_text() == f"{digest}  skipclick-skip.pth\n"
    assert known_sha256(entry) == digest


def test_a_second_download_must_be_the_same_file(cache: Path, web: Web) -> None:
    entry = find("skip")
    obtain(entry)
    entry.paths[0].unlink()
    web.content = archive("something else")
    with pytest.raises(DownloadError, match=r"not the file fetched before: delete .*\.sha256"):
        obtain(entry)
    assert not entry.here
    (cache / "skipclick-skip.pth.sha256").unlink()
    obtain(entry)
    assert entry.here


def test_a_page_instead_of_a_checkpoint(cache: Path, web: Web) -> None:
    web.content = b"<html>moved</html>"
    with pytest.raises(DownloadError, match="not a PyTorch checkpoint"):
        obtain(find("skip"))
    assert not find("skip").here


def test_a_published_checksum_goes_before_a_recorded_one(cache: Path, web: Web) -> None:
    entry = dataclasses.replace(find("skip"), sha256="0" * 64)
    with pytest.raises(DownloadError, match="another file than promised"):
        obtain(entry)
    assert known_sha256(entry) == "0" * 64


def test_an_empty_record_counts_as_none(cache: Path, web: Web) -> None:
    (cache / "skipclick-skip.pth.sha256").write_text("")
    assert known_sha256(find("skip")) is None
    obtain(find("skip"))


def test_gated_files_are_fetched_by_hand(cache: Path, web: Web) -> None:
    entry = find("dinov3_vitb16")
    with pytest.raises(
        DownloadError, match=r"licence.*put dinov3_vitb16_pretrain_lvd1689m-73cec8be\.pth into"
    ):
        obtain(entry)
    assert not web.asked
    entry.paths[0].write_bytes(b"put by hand")
    assert obtain(entry) == entry.paths


def test_an_installation_without_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "embedded_folder", lambda: tmp_path)
    with pytest.raises(ModelError, match=r"lacks skipclick-s\.safetensors"):
        obtain(find("skipclick-s"))
