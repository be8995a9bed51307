"""Pack a training mix into archives small enough to travel to a GPU machine one at a time.

    python tools/gpu/pack.py TRAIN_MIX .gpu --megabytes 40

Writes `.gpu/mix0.tar`, `mix1.tar`, …; the index travels in the first.
"""

from __future__ import annotations

import argparse
import json
import tarfile
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mix", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--megabytes", type=float, default=40)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    names = [json.loads(line)["name"] for line in (arguments.mix / "index.jsonl").read_text().splitlines()]
    files = [Path("index.jsonl")]
    for name in names:
        files += [Path("images") / f"{name}.jpg", Path("masks") / f"{name}.png"]
    part, used, archive = -1, float("inf"), None
    for file in files:
        size = (arguments.mix / file).stat().st_size + 1024
        if used + size > arguments.megabytes * 1e6:
            if archive is not None:
                archive.close()
            part, used = part + 1, 0.0
            archive = tarfile.open(arguments.out / f"mix{part}.tar", "w")  # noqa: SIM115  (closed above and below)
        assert archive is not None
        archive.add(arguments.mix / file, arcname=str(file))
        used += size
    if archive is not None:
        archive.close()
    print(f"{part + 1} archives, {len(files)} files")


if __name__ == "__main__":
    main()
