"""Answers that say no: problem details (RFC 9457), with every fault's place and remedy and nothing of the input."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from serving.faults import SHOWN, Fault

MEDIA_TYPE = "application/problem+json"


class ProblemFault(BaseModel):
    """One fault of the request."""

    pointer: str = Field(description="Where: a JSON Pointer into the body (RFC 6901); empty for the body as a whole.")
    message: str = Field(description="What is wrong there. Never the value itself.")
    remedy: str = Field(description="What to do.")


class Problem(BaseModel):
    """A problem as RFC 9457 describes it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Unprocessable Content",
                    "status": 422,
                    "detail": "The request has 1 fault.",
                    "errors": [
                        {
                            "pointer": "/leads/0/created_at",
                            "message": "has no zone",
                            "remedy": "Add the offset from UTC, as in 2026-06-30T09:15:00Z or +02:00.",
                        }
                    ],
                }
            ]
        }
    )

    type: str = Field("about:blank", description="Always about:blank: the status says which problem it is.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The status of the answer.")
    detail: str = Field(description="What happened and what to do, for people.")
    errors: list[ProblemFault] = Field(default_factory=list, description="The faults of the request, if it has any.")


TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
"""Titles as RFC 9110 writes them; Python 3.11 still has older ones."""


def problem(status: int, detail: str, faults: Sequence[Fault] = (), headers: dict[str, str] | None = None) -> Response:
    """The answer to a request that failed."""
    content: dict[str, object] = {
        "type": "about:blank",
        "title": TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if faults:
        content["errors"] = [vars(each) for each in faults[:SHOWN]]
    return Response(json.dumps(content), status, headers, MEDIA_TYPE)


class RefusalError(Exception):
    """A request refused for its form: the status and what to do."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def unprocessable(faults: Sequence[Fault]) -> Response:
    """422: the request was read and cannot be scored."""
    count = len(faults)
    detail = f"The request has {count} fault{'s' if count != 1 else ''}."
    if count > SHOWN:
        detail += f" The first {SHOWN} are named."
    return problem(422, detail, faults)
