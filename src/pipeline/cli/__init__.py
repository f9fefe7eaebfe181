"""`leadlight ...`: every command of the house, for people, or with `--json` for programs. Others use `main`.

Exit 0: done. 1: the data or the model was found wanting. 2: the call or the workspace is wrong.
"""

from __future__ import annotations

import sys

from pipeline.cli import learn, use
from pipeline.cli.frame import Wanting, app
from pipeline.definitions.workspace import WorkspaceError

__all__ = ["app", "learn", "main", "use"]


def main() -> None:
    """Run a command; what is wrong ends in one sentence on standard error and an exit code, never in a traceback."""
    from pipeline.learning.bundle import BundleError
    from pipeline.learning.promotion import PromotionError
    from pipeline.tables.files import BusyError

    try:
        app()
    except (WorkspaceError, BundleError, PromotionError) as error:
        sys.exit(_said(error, 2))
    except (Wanting, BusyError) as error:
        sys.exit(_said(error, 1))
    except OSError as error:
        sys.exit(_said(f"{error.filename2 or error.filename or 'the disk'}: {error.strerror or error}", 1))


def _said(error: object, code: int) -> int:
    sys.stderr.write(f"leadlight: {error}\n")
    return code
