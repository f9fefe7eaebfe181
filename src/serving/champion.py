"""The model in use: read from the pointer, replaced while requests run, kept when a newer one is broken."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from pipeline.learning.bundle import Bundle, BundleError, bundle_path, read_champion
from serving.scorer import Scorer

logger = logging.getLogger("leadlight")

INTERVAL = 1.0
"""Seconds between two looks at the pointer."""

NONE_YET = "No model serves yet: train and promote one with 'leadlight train'."

GONE = "The pointer to the champion is gone; the last one serves."


class Champion:
    """Whoever asks gets the scorer of the newest sound bundle; a request keeps the one it got until it is answered.

    The thread that finds a new pointer loads it while the others go on with the old one.
    """

    def __init__(self, models: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._models = models
        self._clock = clock
        self._lock = threading.Lock()
        self._next_look = -float("inf")
        self._scorer: Scorer | None = None
        self._trouble: str | None = None

    @property
    def trouble(self) -> str | None:
        """What keeps the pointer's model from serving; None if nothing does."""
        return self._trouble

    def current(self) -> Scorer | None:
        """The scorer in use, after a look at the pointer if the last is a second old; None before the first model."""
        if self._clock() >= self._next_look and self._lock.acquire(blocking=self._scorer is None):
            try:
                if self._clock() >= self._next_look:
                    self._look()
                    self._next_look = self._clock() + INTERVAL
            finally:
                self._lock.release()
        return self._scorer

    def _look(self) -> None:
        try:
            version = read_champion(self._models)
            if version is None:
                trouble = NONE_YET if self._scorer is None else GONE
            else:
                trouble = None
                if self._scorer is None or self._scorer.bundle.version != version:
                    self._scorer = Scorer(Bundle.load(bundle_path(self._models, version)))
                    logger.info("model %s serves. %s", version, self._scorer.explains)
        except BundleError as error:
            trouble = str(error)
        except (OSError, ValueError, KeyError, TypeError) as error:
            trouble = f"The champion cannot be read ({type(error).__name__}). Register it again with 'leadlight train'."
        if trouble is not None and trouble != self._trouble:
            logger.warning("%s", trouble)
        self._trouble = trouble
