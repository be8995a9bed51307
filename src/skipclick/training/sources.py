"""Where training samples come from: what `--data` names, and the mixture of several such sources."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from skipclick.datasets import DATASETS, Sample, open_dataset
from skipclick.datasets.coco_json import read_coco
from skipclick.datasets.coco_lvis import SPLITS
from skipclick.datasets.coco_lvis_files import ANNOTATIONS
from skipclick.datasets.locations import COCO_LVIS, Locations
from skipclick.errors import DatasetError
from skipclick.training.coco_lvis import CocoLvis, open_coco_lvis
from skipclick.training.contents import files_digest, names_digest, samples_digest
from skipclick.training.label_folder import read_label_folder
from skipclick.training.layers import from_evaluation
from skipclick.training.sample import TrainingSample

COCO, FOLDER = "coco", "folder"
_OPTIONS = ("weight", "images", "split", "ignore")
_ALLOWED = {COCO_LVIS: ("weight", "split"), COCO: ("weight", "images"), FOLDER: ("weight", "ignore")}


class Source(Protocol):
    """Images with objects to train on."""

    @property
    def names(self) -> Sequence[str]:
        """The images' names, in the order of their indices."""

    def __len__(self) -> int:
        """Number of images."""

    def read(self, index: int, generator: np.random.Generator) -> TrainingSample:
        """Read an image and its objects.

        Raises:
            DatasetError: it cannot be read.
        """


@dataclass(frozen=True, slots=True)
class SampleSource:
    """The images of an evaluation data set, or of anything listed like one."""

    samples: tuple[Sample, ...]

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def names(self) -> Sequence[str]:
        """The images' names."""
        return [sample.name for sample in self.samples]

    def read(self, index: int, generator: np.random.Generator) -> TrainingSample:
        """Read an image and its objects; nothing about it is random."""
        return from_evaluation(self.samples[index].load())


@dataclass(frozen=True, slots=True)
class Mix:
    """Several sources; each image is drawn as often as its source's weight says.

    Attributes:
        sources: at least one, none of them empty.
        weights: how often an image of each source is drawn, compared with those of the others.
        rules: for each source, what else decides how it is read, as JSON values; empty if nothing does.
    """

    sources: tuple[Source, ...]
    weights: tuple[float, ...]
    rules: tuple[Mapping[str, Any], ...] = ()

    def __len__(self) -> int:
        return sum(len(source) for source in self.sources)

    def values(self) -> list[dict[str, Any]]:
        """What is in it, as JSON values: equal for equal images and masks, wherever they lie.

        Masks are compared by the contents of their files and images by their sizes; of COCO+LVIS, whose
        files are too many, `hannotation.pickle` alone is. A source of one's own is known by its names.

        Raises:
            DatasetError: a file cannot be read.
        """
        rules = self.rules or ({},) * len(self.sources)
        return [
            {"images": len(source), "names": names_digest(source.names), "weight": weight, **rule}
            | _contents(source)
            for source, weight, rule in zip(self.sources, self.weights, rules, strict=True)
        ]

    def draw(self, generator: np.random.Generator) -> TrainingSample:
        """Read a random image (specification 6.3, item 1)."""
        shares = np.array([len(source) for source in self.sources]) * self.weights
        source = self.sources[int(generator.choice(len(shares), p=shares / shares.sum()))]
        return source.read(int(generator.integers(len(source))), generator)


@dataclass(frozen=True, slots=True)
class DataSpec:
    """One `--data`, understood but not opened.

    Attributes:
        kind: "coco-lvis", "coco", "folder" or a key of `DATASETS`.
        path: a folder, or COCO's JSON file.
        weight: how often an image is drawn, compared with those of other sources.
        images: the folder of COCO's images, if it is not where `read_coco` looks.
        split: the part of COCO+LVIS.
        ignore: the number in label maps that counts neither way.
    """

    kind: str
    path: Path
    weight: float = 1.0
    images: Path | None = None
    split: str = "train"
    ignore: int | None = None


def parse_spec(text: str, locations: Locations | None = None) -> DataSpec:
    """Understand `[KIND=]PATH[,weight=W][,images=FOLDER][,split=NAME][,ignore=NUMBER]`.

    Without a kind, it is told by what lies at the path: a `.json` file is COCO, a folder with
    `train/hannotation.pickle` COCO+LVIS, one with `masks/` a folder of label maps. The name of a data set
    alone, such as `coco-lvis`, means the folder that is written down for it.

    Args:
        text: what the user gave.
        locations: where data sets lie; None if nothing says it.

    Raises:
        DatasetError: it cannot be understood.
    """
    head, *options = re.split(rf",(?=(?:{'|'.join(_OPTIONS)})=)", text)
    kind, separator, path = head.partition("=")
    if not separator or not re.fullmatch(r"[\w-]+", kind):
        kind, path = "", head
    where = Path(path).expanduser()
    if not path:
        raise DatasetError(f"--data {text!r} names no file or folder: write KIND=PATH, as in coco=mine.json")
    if not kind and (path == COCO_LVIS or path in DATASETS) and not where.exists():
        kind, where = path, (locations or Locations()).folder(path)
    elif not kind:
        kind = _guess(where)
    elif kind not in _ALLOWED and kind not in DATASETS:
        raise DatasetError(
            f"--data {text!r}: there is no kind {kind!r}; the kinds are {', '.join((*_ALLOWED, *DATASETS))}"
        )
    given = dict(option.split("=", 1) for option in options)
    allowed = _ALLOWED.get(kind, ("weight",))
    for name in given:
        if name not in allowed:
            raise DatasetError(f"--data {text!r}: {kind} knows no {name}=, only {', '.join(allowed)}")
    if len(given) < len(options):
        raise DatasetError(f"--data {text!r} says something twice")
    return DataSpec(
        kind,
        where,
        weight=_weight(given.get("weight", "1"), text),
        images=Path(given["images"]).expanduser() if "images" in given else None,
        split=given.get("split", "train"),
        ignore=_number(given["ignore"], text) if "ignore" in given else None,
    )


def open_source(spec: DataSpec, *, stuff: float) -> Source:
    """List a source's images; none is read yet.

    Args:
        spec: what `parse_spec` returned.
        stuff: see `Recipe.stuff`.

    Raises:
        DatasetError: it is missing, damaged or laid out otherwise, or holds no images.
    """
    if spec.kind == COCO_LVIS:
        return open_coco_lvis(spec.path, spec.split, stuff=stuff)
    for split, name in SPLITS.items():
        if spec.kind == name:
            raise DatasetError(
                f"{name} is to evaluate on: write coco-lvis={spec.path},split={split} to train"
            )
    return SampleSource(open_samples(spec))


def open_samples(spec: DataSpec) -> tuple[Sample, ...]:
    """List a source's images as samples that can be evaluated too.

    Raises:
        DatasetError: as for `open_source`; or it is COCO+LVIS with its hierarchy, which cannot be listed so.
    """
    if spec.kind == COCO_LVIS:
        raise DatasetError(
            f"coco-lvis is for `skipclick train`: write {SPLITS['train']}={spec.path} for its instances alone"
        )
    if not spec.path.exists():
        raise DatasetError(f"{spec.path} does not exist: give the file or folder of your images and masks")
    if spec.kind == COCO:
        if spec.images is not None and not spec.images.is_dir():
            raise DatasetError(f"the folder {spec.images} does not exist: give the one of COCO's images")
        return read_coco(spec.path, spec.images)
    if spec.kind == FOLDER:
        return read_label_folder(spec.path, spec.ignore)
    return open_dataset(spec.kind, spec.path).samples


def open_mix(specs: Sequence[DataSpec], *, stuff: float) -> Mix:
    """Open all sources of a run.

    Raises:
        DatasetError: one of them cannot be opened, or there is none.
    """
    if not specs:
        raise DatasetError("there is nothing to train on: give --data at least once")
    sources = tuple(open_source(spec, stuff=stuff) for spec in specs)
    rules = tuple({"kind": spec.kind, "ignore": spec.ignore} for spec in specs)
    return Mix(sources, tuple(spec.weight for spec in specs), rules)


def _contents(source: Source) -> dict[str, str]:
    """Hashes by which a source's files are known again."""
    if isinstance(source, SampleSource):
        return samples_digest(source.samples)
    if isinstance(source, CocoLvis):
        return {"annotations": files_digest([source.folder / ANNOTATIONS])}
    return {}


def _guess(path: Path) -> str:
    if path.suffix.lower() == ".json":
        return COCO
    if (path / "train" / ANNOTATIONS).is_file():
        return COCO_LVIS
    if (path / "masks").is_dir():
        return FOLDER
    if not path.exists():
        raise DatasetError(f"{path} does not exist: give a COCO file, or a folder with images/ and masks/")
    raise DatasetError(
        f"{path} is neither COCO's .json nor a folder with masks/ in it: say what it is, as in coco={path}"
    )


def _weight(text: str, whole: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = 0.0
    if not 0 < weight < float("inf"):
        raise DatasetError(f"--data {whole!r}: a weight is a number above 0, not {text!r}")
    return weight


def _number(text: str, whole: str) -> int:
    if not text.isdecimal():
        raise DatasetError(f"--data {whole!r}: ignore= takes a number in the label maps, not {text!r}")
    return int(text)
