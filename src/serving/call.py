"""Calling the service from Python: leads of a history in, scores out. The standard library alone, for scripts."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from pipeline.tables.columns import History
from serving.client import score_request

AT_ONCE = 200
"""Leads in one request."""

Plain = dict[str, Any]


class CallError(RuntimeError):
    """The service said no, or nothing; `problem` is its answer (RFC 9457), empty where there was none."""

    def __init__(self, said: str, problem: Plain | None = None) -> None:
        super().__init__(said)
        self.problem: Plain = problem or {}


class Service:
    """A running service at an address as in `http://127.0.0.1:8000`; `timeout` is in seconds, of each request."""

    def __init__(self, url: str, timeout: float = 60.0) -> None:
        self.url, self.timeout = url.rstrip("/"), timeout

    def ready(self) -> bool:
        """Whether it answers, and a model serves."""
        try:
            self.get("/readyz")
        except CallError:
            return False
        return True

    def model(self) -> Plain:
        """The model in use: `GET /v1/model`."""
        return self.get("/v1/model")

    def score(
        self, history: History, leads: Sequence[int], as_of: int | None = None, at_once: int = AT_ONCE
    ) -> list[Plain]:
        """A score for each lead, given as rows of the history's leads, in that order.

        `as_of` is in UTC microseconds; without it the service scores at its own now. CallError says what was refused.
        """
        scores: list[Plain] = []
        for start in range(0, len(leads), at_once):
            body = score_request(history, leads[start : start + at_once], as_of)
            scores += self.post("/v1/score", body)["scores"]
        return scores

    def get(self, path: str) -> Plain:
        """The JSON at a path."""
        return self._answer(urllib.request.Request(self.url + path))

    def post(self, path: str, body: Plain) -> Plain:
        """The JSON that a path answers to a body."""
        headers = {"content-type": "application/json"}
        return self._answer(urllib.request.Request(self.url + path, json.dumps(body).encode(), headers))

    def _answer(self, request: urllib.request.Request) -> Plain:
        try:
            # Through no proxy: the service is called where it is.
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(request, timeout=self.timeout) as answer:
                plain: Plain = json.loads(answer.read())
                return plain
        except urllib.error.HTTPError as error:
            with error:
                problem = _problem(error.read())
            faults = [f"{one['pointer'] or 'the body'}: {one['message']}. {one['remedy']}" for one in problem["errors"]]
            raise CallError(" ".join([f"{error.code}: {problem['detail']}", *faults]), problem) from None
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            raise CallError(f"{self.url} does not answer ({error}); is the service running?") from None


def _problem(body: bytes) -> Plain:
    """The answer that says no; one that is no problem details says nothing."""
    try:
        plain = json.loads(body)
    except ValueError:
        plain = {}
    given = plain if isinstance(plain, dict) else {}
    return {"detail": "no reason was given", "errors": [], **given}
