"""The body of a request: JSON by its headers, no larger than the limit, read once."""

from __future__ import annotations

from starlette.requests import Request

from serving.problems import RefusalError

JSON = "application/json"


async def read_json(request: Request, most: int) -> bytes:
    """The bytes of a JSON body of at most `most` bytes; RefusalError before more of them are held."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() != JSON:
        raise RefusalError(415, f"The body must be JSON. Send the header Content-Type: {JSON}.")
    charset = parameters.lower().replace(" ", "").replace('"', "")
    if "charset=" in charset and "charset=utf-8" not in charset:
        raise RefusalError(415, "The body must be UTF-8. Send it so, and leave the charset out of Content-Type.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise RefusalError(415, "The body must not be compressed. Send it without Content-Encoding.")
    too_large = RefusalError(413, f"The body is larger than {most:,} bytes. Send the leads in several requests.")
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length[:20]) > most:
        raise too_large
    chunks = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise too_large
        chunks.append(chunk)
    if not size:
        raise RefusalError(422, "The body is empty. Send a JSON object, as in the example of /openapi.json.")
    return b"".join(chunks)
