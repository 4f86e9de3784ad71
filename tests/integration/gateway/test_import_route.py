"""`POST /api/movies/import`: short lists at once, long ones as a job."""

import json
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from tests.integration.gateway.conftest import Gateway

from metarr_contracts import streams, subjects
from metarr_contracts.commands import ImportUpload
from metarr_contracts.events import ImportedRow
from metarr_contracts.library import Imported, ImportRow, ImportRows

IMPORT = subjects.library("import")
CSV = {"Content-Type": "text/csv"}


def accept(gateway: Gateway) -> list[ImportRows]:
    """The enricher adds every row that could be read; returns what it is asked."""
    asked: list[ImportRows] = []

    async def add(payload: bytes) -> bytes:
        rows = ImportRows.model_validate_json(payload)
        asked.append(rows)
        results = (
            ImportedRow(row=row.row, result="rejected" if row.problem else "added", reason=row.problem)
            for row in rows.rows
        )
        return Imported(rows=tuple(results), seq=len(asked)).to_json()

    gateway.stand_in.on(IMPORT, add)
    return asked


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"title;year\nHeat;1995\n", "text/csv"),
        (b'[{"title":"Heat","year":1995,"monitored":true}]', "application/json"),
        (b'{"title":"Heat","year":1995}\n', "application/x-ndjson"),
        (b"title;year\nHeat;1995\n", None),
        ("title\tyear\r\nHeat\t1995\r\n".encode("utf-16"), "text/plain"),
        (b'[{"title":"Heat","year":1995}]', "application/octet-stream"),
        (b'\n{"title":"Heat","year":1995}', "text/plain"),
    ],
)
async def test_every_format_is_read(gateway: Gateway, content: bytes, content_type: str | None) -> None:
    """The format is told by the media type or by how the file begins."""
    asked = accept(gateway)
    headers = {"Content-Type": content_type} if content_type else None
    status, body = await gateway.post("/api/movies/import", data=content, headers=headers)
    assert (status, body["data"]["added"], body["data"]["seq"]) == (200, 1, 1)
    assert asked[0].rows == (ImportRow(row=1, title="Heat", year="1995"),)


async def test_columns_that_nothing_is_read_from_are_named(gateway: Gateway) -> None:
    """In the answer to a short list and in that to a long one."""
    accept(gateway)
    for films, expected in ((1, 200), (5_001, 202)):
        content = "\n".join(["title,Shelf,Seen on", *("Heat,3,2020" for _ in range(films))])
        status, body = await gateway.post("/api/movies/import", data=content, headers=CSV)
        assert (status, body["data"]["ignoredColumns"]) == (expected, ["Shelf", "Seen on"])


async def test_a_form_with_a_file(gateway: Gateway) -> None:
    """What a browser sends: a form with a file, whatever else is in it."""
    asked = accept(gateway)
    form = aiohttp.FormData()
    form.add_field("note", "mine")
    form.add_field("file", b"Name,Year\nHeat,1995\n", filename="films.csv", content_type="application/vnd.ms-excel")
    status, body = await gateway.post("/api/movies/import", data=form)
    assert (status, body["data"]["added"]) == (200, 1)
    assert asked[0].rows[0].title == "Heat"


async def test_the_rows_go_in_parts_and_in_order(gateway: Gateway) -> None:
    """Requests of 200 rows at most under one name; every row is in the answer, good or bad."""
    asked = accept(gateway)
    lines = ["title", *(f"Film {n}" for n in range(1, 450)), '"never closed']
    status, body = await gateway.post("/api/movies/import", data="\n".join(lines), headers=CSV)
    assert status == 200
    assert [len(part.rows) for part in asked] == [200, 200, 50]
    assert len({part.request for part in asked}) == 1
    assert [row["row"] for row in body["data"]["rows"]] == list(range(1, 451))
    assert (body["data"]["added"], body["data"]["rejected"], body["data"]["seq"]) == (449, 1, 3)


async def test_a_long_list_becomes_a_job(gateway: Gateway) -> None:
    """More than 5,000 rows are stored as they were read, and a command is queued."""
    lines = ["title", *(f"Film {n}" for n in range(1, 5_002))]
    status, body = await gateway.post("/api/movies/import", data="\n".join(lines), headers=CSV)
    assert (status, body["data"]["message"]) == (202, "Import job queued")
    command = await gateway.bus.message(streams.COMMANDS, body["data"]["jobId"])
    assert command is not None
    wanted = ImportUpload.model_validate_json(command.data)
    assert (command.subject, wanted.rows) == (subjects.import_command(wanted.upload), 5_001)
    store = await gateway.bus.js.object_store(streams.UPLOADS)
    stored = (await store.get(wanted.upload)).data or b""
    rows = [ImportRow.model_validate_json(line) for line in stored.splitlines()]
    assert [row.row for row in rows] == list(range(1, 5_002))
    assert rows[-1].title == "Film 5001"


@pytest.mark.parametrize(
    ("content", "content_type", "said"),
    [
        (b"", None, "empty"),
        (b"title\n", "text/csv", "only a header"),
        (b"a,b\n1,2\n", "text/csv", "title, imdbId or tmdbId"),
        (b"[]", "application/json", "empty"),
        (b"[{]", "application/json", "not valid JSON"),
        (b'{"title":"Heat"}', "application/json", "not a list"),
        ("title\nAmélie\n".encode("latin-1"), "text/csv", "not UTF-8 (line 2)"),
        ("title\nHeat\n".encode("utf-32"), None, "not UTF-8"),
    ],
)
async def test_a_file_that_is_no_list_is_400(
    gateway: Gateway, content: bytes, content_type: str | None, said: str
) -> None:
    """The sentence says what was expected."""
    headers = {"Content-Type": content_type} if content_type else None
    status, body = await gateway.post("/api/movies/import", data=content, headers=headers)
    assert (status, body["code"]) == (400, "invalid_file")
    assert said in body["error"]


async def test_a_form_without_a_file_is_400(gateway: Gateway) -> None:
    """The missing field is named."""
    form = aiohttp.FormData({"note": "mine"}, default_to_multipart=True)
    status, body = await gateway.post("/api/movies/import", data=form)
    assert (status, body["field"]) == (400, "file")


async def test_a_broken_form_is_400(gateway: Gateway) -> None:
    """A form whose boundary never comes is an answer, not a hang."""
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    status, body = await gateway.post("/api/movies/import", data=b"--x\r\nrubbish", headers=headers)
    assert (status, body["success"]) == (400, False)


async def test_another_kind_of_file_is_415(gateway: Gateway) -> None:
    """A picture is no list of films."""
    status, body = await gateway.post("/api/movies/import", data=b"x", headers={"Content-Type": "image/png"})
    assert (status, body["code"]) == (415, "unsupported_media_type")


async def test_a_file_that_is_too_large_is_413(gateway: Gateway) -> None:
    """The limit is a setting; it holds for forms too."""
    content = b"title\n" + b"x" * (2 * 1024 * 1024)
    form = aiohttp.FormData()
    form.add_field("file", BytesIO(content), filename="films.csv")
    bodies: list[Any] = [BytesIO(content), form]
    for data in bodies:
        status, body = await gateway.post("/api/movies/import", data=data)
        assert (status, body["code"]) == (413, "body_too_large")


async def test_nobody_there_to_import_is_500(gateway: Gateway) -> None:
    """A refused part ends the import with its sentence."""

    async def broken(_payload: bytes) -> bytes:
        raise ValueError

    gateway.stand_in.on(IMPORT, broken)
    status, body = await gateway.post("/api/movies/import", data=json.dumps([{"title": "Heat"}]).encode())
    assert (status, body["success"]) == (500, False)
