"""What a file's name ends with says how it is read, and which options of `from` it can have."""

from __future__ import annotations

from pipeline.definitions.places import Place

DELIMITED = (".csv", ".csv.gz", ".tsv", ".txt")
ENDINGS = (*DELIMITED, ".parquet", ".xlsx")
"""What the name of a file may end with, in small or capital letters."""


def ends(name: str, endings: str | tuple[str, ...]) -> bool:
    """Whether a file's name ends so, whatever its capitals.

    >>> ends("LEADS.CSV", DELIMITED), ends("leads.pdf", ENDINGS)
    (True, False)
    """
    return name.lower().endswith(endings)


def stray_option(place: Place) -> str | None:
    """The sentence for an option of `from` that its file cannot have; None where there is none.

    An option that nothing reads would leave the person who wrote it in the belief that it was followed.

    >>> stray_option(Place(file="leads.csv", sheet="Leads"))
    '`sheet` belongs to .xlsx files, and this is none; leave it out'
    """
    text, book = ends(place.file or "", DELIMITED), ends(place.file or "", ".xlsx")
    texts = "text files (.csv, .tsv, .txt)"
    for option, said, fits, files in (
        ("sheet", place.sheet is not None, book, ".xlsx files"),
        ("separator", place.separator is not None, text, texts),
        ("encoding", place.encoding is not None, text, texts),
        ("header", place.header > 1, text or book, f"{texts} and .xlsx files"),
    ):
        if said and not fits:
            return f"`{option}` belongs to {files}, and this is none; leave it out"
    return None
