"""The bank's clients, as published: one file, which this brings into the folder that the workspace reads.

    python prepare.py [bank-additional-full.csv.gz] [-o data]

The file is looked for at `$LEADLIGHT_DATA/bank_marketing/bank-additional-full.csv.gz` where none is named; it may also
be the `.csv` itself.
"""

from __future__ import annotations

import argparse
import gzip
import os
import sys
from pathlib import Path

NAME = "bank-additional-full.csv.gz"
FILE = f"bank_marketing/{NAME}"


def prepare(source: Path, folder: Path) -> Path:
    """Write the file into `folder`, compressed and otherwise unchanged, and give its place there."""
    published = source.read_bytes()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f".{NAME}").write_bytes(published if source.suffix == ".gz" else gzip.compress(published, mtime=0))
    os.replace(folder / f".{NAME}", folder / NAME)
    return folder / NAME


def main(arguments: list[str] | None = None) -> int:
    """The command: 0 when written, 2 when there is no file to read."""
    parser = argparse.ArgumentParser(description="The bank's clients, in the order of the calls.")
    parser.add_argument("source", nargs="?", type=Path, help=f"the published file; default: $LEADLIGHT_DATA/{FILE}")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).parent / "data", help="default: data")
    options = parser.parse_args(arguments)
    source = options.source or Path(os.environ.get("LEADLIGHT_DATA", ".")) / FILE
    if not source.is_file():
        print(
            f"{source} is not there. Name the file, or set LEADLIGHT_DATA to the folder above bank_marketing/; "
            "README.md says where it comes from.",
            file=sys.stderr,
        )
        return 2
    print(prepare(source, options.output))
    return 0


if __name__ == "__main__":
    sys.exit(main())
