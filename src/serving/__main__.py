"""`python -m serving`: the service on its own, as the settings say."""

from __future__ import annotations

import logging
import os
import sys

import uvicorn

from serving.app import create_app
from serving.settings import Settings, SettingsError


def main() -> int:
    """Serve until told to stop; 2 where a setting is wrong."""
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    # No access log: paths and addresses of people are not for a file that nobody looks after.
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,  # uvicorn's lines look like ours
        access_log=False,
        server_header=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
