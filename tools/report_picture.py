"""Make the picture of docs/report.md: parts of reports, as a browser shows them.

    python tools/report_picture.py docs/models/skipclick-s docs/report.png

The runs, the figure and the table of the paper are those of a report of the traces given. Photos of data sets
are not for us to hand on, so the object with its clicks is the astronaut of tests/data, evaluated here. Needs
Chromium.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops

from skipclick import load_model
from skipclick.datasets import open_dataset
from skipclick.evaluation import EvaluationProtocol, evaluate_dataset, open_trace
from skipclick.report import read_runs, write_report

PHOTO = "astronaut"
WIDTH, HEIGHT, MARGIN = 1200, 3000, 16
PARTS = (
    r"<style>.*?</style>",
    r"<h1>.*?(?=<h2 id=\"figures\">)",  # title and runs
    r"<h2 id=\"figures\">.*?</figure>",  # the first figure
    r"<h3 id=\"table-4\">.*?</p>",  # with its note
)
CARD = r"<article .*?</article>"
FIRST_ROW = "<style>.tiles figure:nth-child(n + 4) { display: none; }</style>"


def main(traces: Path, picture: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        page = write_report(read_runs([traces]), folder / "report", np.random.default_rng(0), pictures=0)
        text = page.read_text(encoding="utf-8")
        parts = [part(pattern, text) for pattern in PARTS]
        parts.append(part(CARD, report_of_photo(folder).read_text(encoding="utf-8")))
        page = folder / "parts.html"
        page.write_text(
            "<!doctype html>\n<meta charset=utf-8>\n" + "\n".join([*parts, FIRST_ROW]), encoding="utf-8"
        )
        shown = photograph(page)
    shown.quantize(256, kmeans=2).save(picture, optimize=True)


def part(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.DOTALL)
    if found is None:
        raise SystemExit(f"the page has nothing like {pattern}")
    return found[0]


def report_of_photo(folder: Path) -> Path:
    """Evaluate one photo, and write a report with the masks."""
    photos = Path(__file__).parents[1] / "tests" / "data"
    for name, suffix in (("images", "jpg"), ("masks", "png")):
        (folder / "photos" / name).mkdir(parents=True)
        shutil.copy(photos / f"{PHOTO}.{suffix}", folder / "photos" / name)
    model, data = load_model("skipclick-s", device="cpu"), open_dataset("Folder", folder / "photos")
    protocol, trace = EvaluationProtocol(), folder / "photo.jsonl"
    with open_trace(trace, model, data, protocol) as file:
        evaluate_dataset(model, data, protocol, trace=file)
    runs, rng = read_runs([trace]), np.random.default_rng(0)
    return write_report(runs, folder / "photo", rng, datasets=[data], models=[model], pictures=1)


def photograph(page: Path) -> Image.Image:
    """What a browser shows of a page, in light colours, without the empty margins."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        raise SystemExit("there is no chromium on the PATH")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    options += [f"--user-data-dir={page.parent / 'profile'}", f"--window-size={WIDTH},{HEIGHT}"]
    file = page.with_suffix(".png")
    words = [browser, *options, f"--screenshot={file}", page.as_uri()]
    subprocess.run(words, check=True, capture_output=True, timeout=120)
    with Image.open(file) as opened:
        shown = opened.convert("RGB")
    box = ImageChops.difference(shown, Image.new("RGB", shown.size, shown.getpixel((0, 0)))).getbbox()
    if box is None:
        raise SystemExit(f"{browser} showed an empty page")
    left, top, right, bottom = box
    return shown.crop((left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
