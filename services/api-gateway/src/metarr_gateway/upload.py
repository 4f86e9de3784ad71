"""Takes an uploaded file out of a request: the body itself, or the file of a form."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import BodyPartReader, web
from aiohttp.http import HttpProcessingError

from metarr_gateway.bodies import CHUNK, chunks, in_time, read_limited, require_uncompressed
from metarr_gateway.errors import invalid
from metarr_gateway.parsing import media_type

FORM = "multipart/form-data"
NO_FILE = "file: expected a form with a file"


@dataclass(frozen=True)
class Upload:
    """A file and what its sender says it is."""

    content: bytes
    content_type: str | None


async def read_upload(request: web.Request, limit: int) -> Upload:
    """The file.

    Raises:
        ApiError: it is longer than `limit` bytes, compressed, the form holds none, or it stopped coming.
    """
    require_uncompressed(request)
    content_type = request.headers.get("Content-Type")
    if content_type is None or media_type(content_type)[0] != FORM:
        return Upload(await read_limited(chunks(request), limit), content_type)
    try:
        return await _read_form(request, limit)
    except (ValueError, AssertionError, RuntimeError, HttpProcessingError) as error:
        # The reader asserts some of what was sent, and follows forms within forms as deep as they go.
        raise invalid(NO_FILE, "file") from error


async def _read_form(request: web.Request, limit: int) -> Upload:
    form = await request.multipart()
    while (part := await in_time(request, form.next())) is not None:
        if not isinstance(part, BodyPartReader):
            await in_time(request, part.release())
        elif part.filename is not None or part.name == "file":
            return Upload(await read_limited(_parts(request, part), limit), part.headers.get("Content-Type"))
        else:
            async for _ in _parts(request, part):
                pass
    raise invalid(NO_FILE, "file")


async def _parts(request: web.Request, part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await in_time(request, part.read_chunk(CHUNK)):
        yield chunk
