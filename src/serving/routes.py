"""The endpoints."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import APIRouter, Request
from starlette.responses import Response

from pipeline.definitions.zones import iso
from pipeline.reasons.language import LANGUAGES, Language, preferred
from serving.bodies import JSON, read_json
from serving.champion import NONE_YET, Champion
from serving.describe import describe
from serving.problems import MEDIA_TYPE, RefusalError
from serving.schemas import Health, ModelResponse, Readiness, ScoreResponse
from serving.scorer import Scorer
from serving.settings import Settings


def wall_clock() -> int:
    """UTC microseconds now: the one place where the service reads the clock."""
    return time.time_ns() // 1000


@dataclass(frozen=True)
class Service:
    """What the endpoints share."""

    settings: Settings
    champion: Champion
    clock: Callable[[], int] = wall_clock
    limiter: CapacityLimiter = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "limiter", CapacityLimiter(self.settings.threads))

    def scorer(self) -> Scorer:
        """The scorer in use; a RefusalError without one."""
        scorer = self.champion.current()
        if scorer is None:
            raise RefusalError(503, self.champion.trouble or NONE_YET)
        return scorer

    def answer(self, body: bytes, words: Language) -> bytes:
        """The response to a request for scores, from bytes to bytes, with reasons and warnings in a language."""
        scorer = self.scorer()
        as_of, scores = scorer.score(scorer.read(body), self.clock(), self.settings, words)
        content = {
            "model_version": scorer.bundle.version,
            "as_of": iso(as_of),
            "scores": [score.to_json() for score in scores],
        }
        return ScoreResponse.model_validate(content).model_dump_json().encode()


ACCEPT_LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "examples": ["fr", "fr-CA, en;q=0.5"]},
    "description": f"The language of reasons and warnings: {' or '.join(LANGUAGES)}; default {LANGUAGES[0]}.",
}


def _refused(*statuses: int) -> dict[int | str, dict[str, object]]:
    """How the documentation shows refusals."""
    words = {
        413: "The body is too large.",
        415: "The body is not JSON in UTF-8.",
        422: "The request cannot be scored; each fault with its place and remedy, nothing of the input.",
        503: "No model serves.",
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    return {status: {"description": words[status], "content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses}


def routes(service: Service) -> APIRouter:
    """The endpoints of a service."""
    router = APIRouter()

    @router.post(
        "/v1/score",
        summary="Score leads with their histories",
        response_model=ScoreResponse,
        responses=_refused(413, 415, 422, 503),
        openapi_extra={
            "parameters": [ACCEPT_LANGUAGE],
            "requestBody": {
                "required": True,
                "content": {JSON: {"schema": {"$ref": "#/components/schemas/ScoreRequest"}}},
            },
        },
    )
    async def score(request: Request) -> Response:
        """Everything is computed from the raw facts, by the code that computed the model's training set."""
        body = await read_json(request, service.settings.max_body_bytes)
        # Reading JSON and scoring keep a processor busy: the event loop stays free to answer others.
        words = preferred(", ".join(request.headers.getlist("accept-language")))
        content = await anyio.to_thread.run_sync(service.answer, body, words, limiter=service.limiter)
        headers = {"content-language": words.code, "vary": "Accept-Language"}
        return Response(content, media_type=JSON, headers=headers)

    @router.get("/v1/model", summary="The model in use", responses=_refused(503))
    def model() -> ModelResponse:
        """What it is, how good it was on the newest period, what it expects of a lead."""
        return describe(service.scorer())

    @router.get("/healthz", summary="The process answers")
    async def healthz() -> Health:
        """Alive, with or without a model."""
        return Health()

    @router.get("/readyz", summary="A model serves", responses=_refused(503))
    def readyz() -> Readiness:
        """The model in use, and what keeps a newer one from serving."""
        scorer = service.scorer()
        return Readiness(model_version=scorer.bundle.version, detail=service.champion.trouble)

    return router
