"""`POST /api/movies/import`: a short list is added at once, a long one becomes a job."""

import asyncio
import math
from collections.abc import Sequence
from itertools import islice
from uuid import uuid4

from aiohttp import web

from metarr_chassis.errors import BusUnavailableError
from metarr_contracts import http, library
from metarr_contracts.events import ImportedRow
from metarr_contracts.library import MAX_IMPORT_ROWS, ImportRow
from metarr_gateway import parsing
from metarr_gateway.errors import ApiError
from metarr_gateway.import_columns import Ignored
from metarr_gateway.import_format import decode, format_of
from metarr_gateway.import_rows import read_rows
from metarr_gateway.keys import IMPORTS, LIBRARY, QUEUE, SETTINGS
from metarr_gateway.library import Library
from metarr_gateway.parameters import NoParameters
from metarr_gateway.responses import succeed
from metarr_gateway.settings import MEGABYTE
from metarr_gateway.upload import Upload, read_upload

MAX_DIRECT_ROWS = 5_000
MAX_ROWS = 500_000
MAX_AT_ONCE = 4
"""Files that are read or imported by one gateway at a time: each may take some 100 MB of memory."""
ROWS_PER_SECOND = 200
"""A cautious guess, for the estimate."""


async def import_movies(request: web.Request) -> web.Response:
    """Add a list of films."""
    parsing.query_string(request.query.items(), NoParameters)
    turns = request.app[IMPORTS]
    if turns.locked():
        raise ApiError("too_many_requests", "Too many imports at the same time", headers={"Retry-After": "5"})
    async with turns:
        return await _import_upload(request)


async def _import_upload(request: web.Request) -> web.Response:
    upload = await read_upload(request, request.app[SETTINGS].upload_limit_mb * MEGABYTE)
    rows, ignored = await asyncio.to_thread(_read, upload)
    if len(rows) > MAX_DIRECT_ROWS:
        return await _queue(request.app, rows, ignored)
    return succeed(await _import(request.app[LIBRARY], rows, ignored))


def _read(upload: Upload) -> tuple[Sequence[ImportRow], tuple[str, ...]]:
    """The rows, and the names of columns that nothing was read from."""
    text = decode(upload.content)
    ignored = Ignored()
    rows = list(islice(read_rows(text, format_of(upload.content_type, text), ignored), MAX_ROWS + 1))
    if len(rows) > MAX_ROWS:
        raise ApiError("body_too_large", f"The file holds more than {MAX_ROWS} rows")
    if not rows:
        raise ApiError("invalid_file", "The file holds no films, only a header")
    return rows, ignored.names


async def _import(port: Library, rows: Sequence[ImportRow], ignored: tuple[str, ...]) -> http.ImportResult:
    """Part after part: rows of one file may be about the same film."""
    name = uuid4().hex
    done: list[ImportedRow] = []
    seq = 0
    for start in range(0, len(rows), MAX_IMPORT_ROWS):
        part = library.ImportRows(request=name, rows=tuple(rows[start : start + MAX_IMPORT_ROWS]))
        imported = await port.carry_out("import", part, library.Imported)
        done.extend(imported.rows)
        seq = max(seq, imported.seq)
    counts = dict(http.count(tuple(done)))
    return http.ImportResult(**counts, rows=tuple(done), ignored_columns=ignored, seq=seq)


async def _queue(app: web.Application, rows: Sequence[ImportRow], ignored: tuple[str, ...]) -> web.Response:
    lines = await asyncio.to_thread(lambda: b"\n".join(row.to_json() for row in rows))
    try:
        job_id = await app[QUEUE].put_import(lines, len(rows))
    except BusUnavailableError as error:
        raise ApiError("queue_unavailable") from error
    seconds = math.ceil(len(rows) / ROWS_PER_SECOND)
    queued = http.ImportQueued(
        job_id=job_id, message="Import job queued", estimated_duration=seconds, ignored_columns=ignored
    )
    return succeed(queued, 202)
