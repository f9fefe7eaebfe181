"""`leadlight ...`: every command of the house, for people, or with `--json` for programs. Others use `main`.

Exit 0: done. 1: the data or the model was found wanting. 2: the call or the workspace is wrong.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

from pipeline.cli import act, begin, judge, learn, look, review, use
from pipeline.cli.frame import app
from pipeline.definitions.yaml_lines import DataError, WorkspaceError

__all__ = ["act", "app", "begin", "judge", "learn", "look", "main", "review", "use"]


def main() -> None:
    """Run a command; what is wrong ends in one sentence on standard error and an exit code, never in a traceback."""
    from pipeline.champions.promotion import PromotionError
    from pipeline.learning.bundle import BundleError
    from pipeline.tables.disk import full_disk
    from pipeline.tables.files import BusyError

    try:
        try:
            app()
        except Exception as error:
            # Whatever library met it, and whatever was made of it on the way: a full disk is no fault of the call.
            full = full_disk(error, Path.cwd())
            if full is None:
                raise
            sys.exit(_said(full, 1))
    except (WorkspaceError, BundleError, PromotionError) as error:
        sys.exit(_said(error, 2))
    except (DataError, BusyError) as error:
        sys.exit(_said(error, 1))
    except OSError as error:
        said = f"{error.filename2 or error.filename or 'the disk'}: {error.strerror or error}"
        remedy = "; give another name" if isinstance(error, (IsADirectoryError, NotADirectoryError)) else ""
        sys.exit(_said(f"{said}{remedy}", 1))
    except Exception as error:
        # What nobody foresaw. Its message may hold data, so it is shown only to who asks for it.
        if os.environ.get("LEADLIGHT_DEBUG"):
            raise
        sys.exit(_said(_unforeseen(error), 1))


def _unforeseen(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}, line {frame.lineno}"
    return f"an unforeseen {type(error).__name__} in {place}; LEADLIGHT_DEBUG=1 shows where it comes from"


def _said(error: object, code: int) -> int:
    sys.stderr.write(f"leadlight: {error}\n")
    return code
