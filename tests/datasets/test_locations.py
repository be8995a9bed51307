from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipclick.datasets import DATASETS, GROUPS
from skipclick.datasets.locations import (
    COCO_LVIS,
    COCO_LVIS_NAMES,
    FILE_NAME,
    PUBLISHED_KEYS,
    VARIABLE,
    Locations,
    find_config,
    read_locations,
)
from skipclick.errors import DatasetError


def toml(folder: Path, text: str, name: str = FILE_NAME) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def outcome(path: Path) -> str | None:
    """The message if a file is refused; None if it can be read."""
    try:
        read_locations(path)
    except DatasetError as error:
        return str(error)
    return None


class TestToml:
    def test_folders_are_relative_to_the_file(self, tmp_path: Path) -> None:
        text = '[data]\nGrabCut = "sets/GrabCut"\nDAVIS = "../DAVIS"\nSBD = "/data/SBD"\nFolder = "~/mine"\n'
        found = read_locations(toml(tmp_path / "x", text))
        assert found.file == tmp_path / "x" / FILE_NAME
        assert found.folders == {
            "GrabCut": tmp_path / "x" / "sets" / "GrabCut",
            "DAVIS": tmp_path / "x" / ".." / "DAVIS",
            "SBD": Path("/data/SBD"),
            "Folder": Path.home() / "mine",
        }

    def test_every_name_can_be_located(self, tmp_path: Path) -> None:
        names = [*DATASETS, *GROUPS, COCO_LVIS]
        text = "[data]\n" + "".join(f"{name} = 'sets/{name}'\n" for name in names)
        assert list(read_locations(toml(tmp_path, text)).folders) == names

    def test_windows_paths_in_single_quotes(self, tmp_path: Path) -> None:
        found = read_locations(toml(tmp_path, "[data]\nGrabCut = 'C:\\data\\GrabCut'\n"))
        assert str(found.folders["GrabCut"]).endswith("C:\\data\\GrabCut")

    def test_windows_paths_in_double_quotes_are_explained(self, tmp_path: Path) -> None:
        with pytest.raises(DatasetError, match="write Windows paths in 'single quotes'"):
            read_locations(toml(tmp_path, '[data]\nGrabCut = "C:\\data\\GrabCut"\n'))

    def test_a_byte_order_mark_from_windows(self, tmp_path: Path) -> None:
        (tmp_path / FILE_NAME).write_bytes(b"\xef\xbb\xbf[data]\r\nGrabCut = 'x'\r\n")
        assert "GrabCut" in read_locations(tmp_path / FILE_NAME).folders

    @pytest.mark.parametrize("text", ["", "# nothing yet\n", "[data]\n"])
    def test_nothing_said(self, tmp_path: Path, text: str) -> None:
        assert read_locations(toml(tmp_path, text)).folders == {}

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("[data]\ngrabcut = 'x'\n", "there is no data set 'grabcut'; the names are GrabCut, Berkeley"),
            ("[data]\nGrabCut = 3\n", "the folder of GrabCut must be text"),
            ("[data]\nGrabCut = ''\n", "the folder of GrabCut must be text"),
            ("[data]\nGrabCut = ['x']\n", "the folder of GrabCut must be text"),
            ("[Data]\nGrabCut = 'x'\n", r"'Data' is not known here; write \[data\]"),
            ("data = 3\n", "'data' is not known here"),
            ("GrabCut = 'x'\n", r"'GrabCut' is not known here; write \[data\]"),
            ("[data\n", "at line 1"),
            ("[data]\nGrabCut = 'x'\nGrabCut = 'y'\n", "overwrite"),
            ("[[data]]\nGrabCut = 'x'\n", "'data' is not known here"),
        ],
    )
    def test_mistakes_are_explained_in_one_line(self, tmp_path: Path, text: str, message: str) -> None:
        file = toml(tmp_path, text)
        with pytest.raises(DatasetError, match=message) as caught:
            read_locations(file)
        assert str(caught.value).startswith(f"{file}: ")
        assert "\n" not in str(caught.value)

    @given(st.binary(max_size=60))
    def test_any_bytes_are_read_or_refused(self, content: bytes) -> None:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            for name in (FILE_NAME, "config.yml"):
                path = Path(folder) / name
                path.write_bytes(content)
                assert (outcome(path) or str(path)).startswith(str(path))


class TestPublishedYaml:
    def test_the_keys_of_the_published_code(self, tmp_path: Path) -> None:
        text = "\n".join(
            [
                'INTERACTIVE_MODELS_PATH: "./weights"',
                'EXPS_PATH: "./experiments"',
                "",
                "# Evaluation datasets",
                'GRABCUT_PATH: "./datasets/GrabCut"',
                "WSESEG_PATH: /data/wseseg",
                "LVIS_v1_PATH: ~/COCO_LVIS # also of LVIS",
                "SBD_PATH:",
                "SSTEM_PATH: /data/unused",
            ]
        )
        found = read_locations(toml(tmp_path, text, "config.yml"))
        assert found.folders == {
            "GrabCut": tmp_path / "datasets" / "GrabCut",
            "WSESeg": Path("/data/wseseg"),
            COCO_LVIS: Path.home() / "COCO_LVIS",
        }

    def test_all_of_them_mean_something_here(self) -> None:
        assert set(PUBLISHED_KEYS.values()) <= {*DATASETS, *GROUPS, COCO_LVIS}

    @pytest.mark.parametrize("suffix", ["yml", "yaml", "YML"])
    def test_suffixes(self, tmp_path: Path, suffix: str) -> None:
        file = toml(tmp_path, "DAVIS_PATH: x", f"config.{suffix}")
        assert read_locations(file).folders == {"DAVIS": tmp_path / "x"}

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "not KEY: FOLDER in each line"),
            ("- GRABCUT_PATH", "not KEY: FOLDER in each line"),
            ("GRABCUT: x", "has none of the keys GRABCUT_PATH, BERKELEY_PATH"),
            ("GRABCUT_PATH: [x]", "the folder of GrabCut must be text"),
            ("GRABCUT_PATH: 5", "the folder of GrabCut must be text"),
            ("GRABCUT_PATH: {x", "no YAML"),
            ("\tGRABCUT_PATH: x", "no YAML"),
            ("[" * 500, "no YAML|recursion"),
        ],
    )
    def test_mistakes_are_explained(self, tmp_path: Path, text: str, message: str) -> None:
        with pytest.raises(DatasetError, match=message):
            read_locations(toml(tmp_path, text, "config.yml"))

    @pytest.mark.parametrize(
        "value",
        ["!!python/object/apply:os.system ['touch {}']", "!!python/name:os.system", "!!python/module:os"],
    )
    def test_nothing_in_it_is_executed(self, tmp_path: Path, value: str) -> None:
        marker = tmp_path / "executed"
        file = toml(tmp_path, f"GRABCUT_PATH: {value.format(marker)}", "config.yml")
        with pytest.raises(DatasetError, match="no YAML"):
            read_locations(file)
        assert not marker.exists()


def test_files_of_another_kind(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"config\.ini should end in \.toml, or in \.yml"):
        read_locations(toml(tmp_path, "", "config.ini"))


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"skipclick\.toml cannot be read: No such file"):
        read_locations(tmp_path / FILE_NAME)


class TestFolder:
    known = Locations({name: Path(f"/{name}") for name in ("HQSeg", "WSESeg", "SBD", "COCO")}, Path("f.toml"))

    @pytest.mark.parametrize(
        ("name", "folder"),
        [
            ("HQSeg", "/HQSeg"),
            ("HQSeg_COIFT", "/HQSeg"),
            ("HQSeg_train", "/HQSeg"),
            ("WSESeg_flickr_snowboards", "/WSESeg"),
            ("SBD_train", "/SBD"),
            ("COCO", "/COCO"),
        ],
    )
    def test_parts_lie_where_the_whole_lies(self, name: str, folder: str) -> None:
        assert self.known.knows(name)
        assert self.known.folder(name) == Path(folder)

    def test_a_part_may_lie_elsewhere(self) -> None:
        apart = Locations({"HQSeg": Path("/a"), "HQSeg_COIFT": Path("/b")})
        assert apart.folder("HQSeg_COIFT") == Path("/b")
        assert apart.folder("HQSeg_HRSOD") == Path("/a")

    @pytest.mark.parametrize("written", COCO_LVIS_NAMES)
    @pytest.mark.parametrize("name", COCO_LVIS_NAMES)
    def test_coco_lvis_is_one_folder_under_any_of_its_names(self, written: str, name: str) -> None:
        known = Locations({written: Path("/lvis"), "COCO": Path("/coco")})
        assert known.knows(name)
        assert known.folder(name) == Path("/lvis")

    def test_coco_lvis_is_not_looked_for_in_coco(self) -> None:
        assert not any(self.known.knows(name) for name in COCO_LVIS_NAMES)

    def test_coco_mval_is_no_part_of_coco(self) -> None:
        assert not self.known.knows("COCO_MVal")
        with pytest.raises(DatasetError, match=r"f\.toml does not say where COCO_MVal lies: add it, or give"):
            self.known.folder("COCO_MVal")

    def test_without_any_file(self) -> None:
        with pytest.raises(
            DatasetError, match=r"where does DAVIS lie\? Give DAVIS=FOLDER, or write \[data\]"
        ):
            Locations().folder("DAVIS")


class TestFinding:
    @pytest.fixture
    def here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        (tmp_path / "here").mkdir()
        monkeypatch.chdir(tmp_path / "here")
        monkeypatch.delenv(VARIABLE, raising=False)
        return tmp_path / "here"

    def test_the_nearest_comes_first(
        self, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user = tmp_path / "user"
        assert find_config(user_folder=user) is None
        assert find_config() is None

        toml(user, "")
        assert find_config(user_folder=user) == user / FILE_NAME
        assert find_config() is None

        toml(here, "")
        found = find_config(user_folder=user)
        assert found is not None
        assert found.resolve() == here / FILE_NAME

        monkeypatch.setenv(VARIABLE, str(toml(tmp_path, "", "named.toml")))
        assert find_config(user_folder=user) == tmp_path / "named.toml"

        explicit = toml(tmp_path, "", "explicit.toml")
        assert find_config(explicit, user_folder=user) == explicit

    def test_a_general_name_in_the_working_directory_is_not_taken(self, here: Path) -> None:
        """Any program may have left a config.yml."""
        toml(here, "GRABCUT_PATH: x", "config.yml")
        assert find_config() is None

    def test_what_is_named_must_exist(
        self, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        toml(here, "")
        with pytest.raises(DatasetError, match=r"--config names .*gone\.toml, which is no file"):
            find_config(tmp_path / "gone.toml")
        monkeypatch.setenv(VARIABLE, str(tmp_path))
        with pytest.raises(DatasetError, match=r"SKIPCLICK_CONFIG names .*, which is no file"):
            find_config()

    def test_a_tilde_is_the_home_folder(
        self, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("USERPROFILE", str(tmp_path))
        toml(tmp_path, "", "mine.toml")
        assert find_config(Path("~/mine.toml")) == tmp_path / "mine.toml"
