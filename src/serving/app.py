"""The application: endpoints, answers to what fails, OpenAPI. Served as `serving.app:app`."""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.champion import Champion
from serving.faults import RequestError
from serving.problems import Problem, RefusalError, problem, unprocessable
from serving.routes import Service, routes, wall_clock
from serving.schemas import ScoreRequest
from serving.settings import Settings

logger = logging.getLogger("leadlight")

DESCRIPTION = """Scores leads from their raw history and says why. Instants are ISO 8601 with a zone; problems are
RFC 9457 and repeat nothing of the request."""

HINTS = {404: "Nothing is here. /openapi.json lists the paths.", 405: "This path does not take that method."}
"""What to do about an answer of the framework itself."""


def create_app(settings: Settings, clock: Callable[[], int] = wall_clock) -> FastAPI:
    """The application over a folder of models; `clock` gives UTC microseconds."""
    service = Service(settings, Champion(settings.models), clock)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # The first request should not wait for the model.
        await run_in_threadpool(service.champion.current)
        yield

    app = _Api(
        title="Leadlight",
        lifespan=lifespan,
        version=version("leadlight"),
        description=DESCRIPTION,
        # Both pages load scripts from another company's servers.
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(routes(service))
    app.add_exception_handler(RefusalError, _refusal)
    app.add_exception_handler(RequestError, _unusable)
    app.add_exception_handler(HTTPException, _http)
    app.add_middleware(_Guard)
    return app


class _Api(FastAPI):
    """The request is read by our own code, so its schema is added by hand."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            schema = super().openapi()
            schemas = schema["components"]["schemas"]
            for model in (ScoreRequest, Problem):
                plain = model.model_json_schema(ref_template="#/components/schemas/{model}")
                schemas |= plain.pop("$defs", {})
                schemas[model.__name__] = plain
        assert self.openapi_schema is not None
        return self.openapi_schema


class _Guard:
    """The last resort: an error that nobody foresaw is a problem like any other, and its log holds no value."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except ClientDisconnect:
            return
        except Exception as error:
            # The message of an exception may quote what was sent; the lines of code cannot.
            steps = traceback.extract_tb(error.__traceback__)[::-1]
            where = " < ".join(f"{step.filename}:{step.lineno}" for step in steps)
            logger.error("%s at %s", type(error).__name__, where)
            if not started:
                answer = problem(500, "The service failed. Its log says where; please report it.")
                await answer(scope, receive, send)


async def _refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusalError)
    return problem(error.status, error.detail)


async def _unusable(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)
    return unprocessable(error.faults)


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers) if error.headers else None
    return problem(error.status_code, HINTS.get(error.status_code, "The request cannot be answered."), headers=headers)


def __getattr__(name: str) -> FastAPI:
    """`app`, from the environment, when a server asks for it: importing this module reads nothing."""
    if name != "app":
        raise AttributeError(name)
    return create_app(Settings.from_environment(os.environ))
