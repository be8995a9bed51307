"""`--data` and `--config`, as several commands take them."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from skipclick.apps.cli.data_options import DataChoice, load_locations, parse_all, parse_data
from skipclick.datasets import GROUPS
from skipclick.datasets.locations import Locations
from skipclick.errors import DatasetError

KNOWN = Locations({"GrabCut": Path("/g"), "WSESeg": Path("/w")}, Path("skipclick.toml"))


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("GrabCut=data/x", DataChoice("GrabCut", "GrabCut", Path("data/x"))),
        ("DAVIS:DAVIS_dev=/d", DataChoice("DAVIS", "DAVIS_dev", Path("/d"))),
        ("DAVIS=C:/a=b", DataChoice("DAVIS", "DAVIS", Path("C:/a=b"))),
        ("DAVIS=C:\\a", DataChoice("DAVIS", "DAVIS", Path("C:\\a"))),
        ("Berkeley=~/b", DataChoice("Berkeley", "Berkeley", Path.home() / "b")),
        ("GrabCut", DataChoice("GrabCut", "GrabCut", Path("/g"))),
        ("GrabCut:first", DataChoice("GrabCut", "first", Path("/g"))),
        ("GrabCut=/mine", DataChoice("GrabCut", "GrabCut", Path("/mine"))),
        ("WSESeg_flickr_snowboards", DataChoice(*["WSESeg_flickr_snowboards"] * 2, Path("/w"))),
    ],
)
def test_what_a_data_set_looks_like(text: str, choice: DataChoice) -> None:
    assert parse_data(text, KNOWN) == [choice]


@pytest.mark.parametrize(("text", "folder"), [("WSESeg", "/w"), ("WSESeg=/x", "/x")])
def test_a_group_is_all_its_classes(text: str, folder: str) -> None:
    choices = parse_data(text, KNOWN)
    assert tuple(one.reader for one in choices) == GROUPS["WSESeg"]
    assert all(one.label == one.reader for one in choices)
    assert {one.folder for one in choices} == {Path(folder)}


def test_a_group_has_no_label_of_its_own() -> None:
    with pytest.raises(DatasetError, match="WSESeg stands for several data sets; leave out :mine"):
        parse_data("WSESeg:mine=/x")


@pytest.mark.parametrize("text", ["", "GrabCut=", "=x", "GrabCut:=x", "GrabCut:", "GrabCut:a b=x", ":x"])
def test_anything_else_is_explained(text: str) -> None:
    with pytest.raises(DatasetError, match=r"is not NAME or NAME=FOLDER, as in .*; the names are GrabCut,"):
        parse_data(text, KNOWN)


@pytest.mark.parametrize("text", ["grabcut=x", "grabcut", "data/GrabCut", "GrabCut "])
def test_unknown_names_list_the_known_ones(text: str) -> None:
    with pytest.raises(
        DatasetError, match=r"there is no data set .*; the names are GrabCut, Berkeley, .*, WSESeg$"
    ):
        parse_data(text, KNOWN)


def test_a_folder_that_nobody_knows() -> None:
    with pytest.raises(DatasetError, match=r"skipclick\.toml does not say where DAVIS lies"):
        parse_data("DAVIS", KNOWN)
    with pytest.raises(DatasetError, match=r"where does DAVIS lie\?"):
        parse_data("DAVIS")


class TestConfig:
    @pytest.fixture(autouse=True)
    def settings(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("SKIPCLICK_CONFIG", raising=False)
        monkeypatch.setattr(typer, "get_app_dir", lambda name: str(tmp_path / "settings" / name))
        return tmp_path / "settings" / "skipclick"

    def test_without_any(self) -> None:
        assert load_locations(None) == Locations()

    def test_in_the_user_s_settings(self, settings: Path) -> None:
        settings.mkdir(parents=True)
        (settings / "skipclick.toml").write_text("[data]\nGrabCut = 'g'\n")
        assert load_locations(None).folders == {"GrabCut": settings / "g"}

    def test_named(self, tmp_path: Path) -> None:
        (tmp_path / "config.yml").write_text("GRABCUT_PATH: /g\nDAVIS_PATH: /d\n")
        choices = parse_all(["GrabCut", "DAVIS:x"], tmp_path / "config.yml")
        assert choices == [
            DataChoice("GrabCut", "GrabCut", Path("/g")),
            DataChoice("DAVIS", "x", Path("/d")),
        ]

    def test_it_is_not_read_if_all_folders_are_given(self, tmp_path: Path) -> None:
        (tmp_path / "skipclick.toml").write_text("damaged")
        assert parse_all(["GrabCut=g"], None) == [DataChoice("GrabCut", "GrabCut", Path("g"))]
        with pytest.raises(DatasetError, match=r"skipclick\.toml: "):
            parse_all(["GrabCut=g", "DAVIS"], None)

    def test_what_is_named_is_looked_at_in_any_case(self, tmp_path: Path) -> None:
        with pytest.raises(DatasetError, match="--config names gone, which is no file"):
            parse_all(["GrabCut=g"], Path("gone"))

    def test_several_at_once(self, tmp_path: Path) -> None:
        (tmp_path / "skipclick.toml").write_text("[data]\nWSESeg = 'w'\n")
        assert len(parse_all(["WSESeg", "GrabCut=g"], None)) == 11
