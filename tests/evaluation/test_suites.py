from __future__ import annotations

from pathlib import Path

import pytest

from skipclick.datasets import DATASETS, GROUPS
from skipclick.evaluation.protocol import EvaluationError
from skipclick.evaluation.suites import SUITES, SuiteSet, find_suite, read_suite


def test_suites_hold_data_sets_that_exist() -> None:
    for sets in SUITES.values():
        names = [one.name for one in sets]
        assert set(names) <= {*DATASETS, *GROUPS}
        assert len(set(names)) == len(names)


def test_the_paper_has_seven_sets_and_winter_two() -> None:
    assert {one.name for one in SUITES["paper"]} == {
        "WSESeg",
        "SHSeg",
        "GrabCut",
        "Berkeley",
        "DAVIS",
        "SBD",
        "HQSeg",
    }
    assert [one.name for one in SUITES["winter"]] == ["WSESeg", "SHSeg"]
    assert {"GrabCut", "Berkeley", "DAVIS", "SBD", "HQSeg"} <= {one.name for one in SUITES["general"]}


def test_by_name() -> None:
    assert find_suite("winter") == SUITES["winter"]


FILE = """
[[set]]
name = "GrabCut"

[[set]]
name = "DAVIS"
label = "frames"
folder = "data/DAVIS"
size = 448

[[set]]
name = "WSESeg"
folder = "/abs/WSESeg"
size = [448, 672]
"""


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(FILE)
    assert find_suite(str(path)) == (
        SuiteSet("GrabCut"),
        SuiteSet("DAVIS", "frames", tmp_path / "data" / "DAVIS", (448, 448)),
        SuiteSet("WSESeg", None, Path("/abs/WSESeg"), (448, 672)),
    )


def test_neither_name_nor_file(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="give paper, general, winter, or a file"):
        find_suite("papers")
    with pytest.raises(EvaluationError, match="cannot read"):
        read_suite(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "nothing else: write"),
        ("set = 3", "nothing else: write"),
        ("[set]", "nothing else: write"),
        ('[[set]]\nname = "GrabCut"\n[other]', "nothing else: write"),
        ("set = [3]", "a set has no name"),
        ("[[set]]", "a set has no name"),
        ("[[set]]\nname = 3", "a set has no name"),
        ('[[set]]\nname = "grabcut"', "no data set 'grabcut'; the names are GrabCut"),
        ('[[set]]\nname = "GrabCut"\nsizes = 3', "GrabCut has 'sizes'; known are"),
        ('[[set]]\nname = "GrabCut"\nfolder = 3', "folder of GrabCut must be text"),
        ('[[set]]\nname = "GrabCut"\nlabel = ""', "label of GrabCut must be text"),
        ('[[set]]\nname = "WSESeg"\nlabel = "x"', "stands for several data sets"),
        ('[[set]]\nname = "GrabCut"\nlabel = "our/../../../escaped"', "goes into file names; use letters"),
        ("[[set]]\nname = 'GrabCut'\nlabel = 'a\\b'", "goes into file names"),
        ('[[set]]\nname = "GrabCut"\nlabel = "a b"', "goes into file names"),
        ('[[set]]\nname = "GrabCut"\nsize = "448"', "size of GrabCut is a side or"),
        ('[[set]]\nname = "GrabCut"\nsize = [448]', "size of GrabCut is a side or"),
        ('[[set]]\nname = "GrabCut"\nsize = [448, 1.5]', "size of GrabCut is a side or"),
        ('[[set]]\nname = "GrabCut"\nsize = true', "size of GrabCut is a side or"),
        ("= 3", "is no TOML file"),
    ],
)
def test_anything_else_is_explained(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(EvaluationError, match=message) as caught:
        read_suite(path)
    assert "\n" not in str(caught.value)
