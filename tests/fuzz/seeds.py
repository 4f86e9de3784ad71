"""Where fuzzing begins: samples of all messages, recorded answers and lists where they are there, and a few lines."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.fuzz.bus_rules import REQUESTS
from tests.fuzz.rules import BODIES, COMMANDS, EVENT_TYPES, MEDIA_TYPES
from tests.unit.metarr_enricher.providers.parsers import PARSERS

from metarr_contracts.registry import type_name
from metarr_gateway import examples
from metarr_local.backup_manifest import ORDER, file_name

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "contracts" / "samples"
RECORDED = ROOT / ".." / "shared" / "data"
LARGEST = 16_384
"""Bytes of an input: lists in lists are found in these too, and more only takes time."""
FOLDERS = {"tmdb": "tmdb", "omdb": "omdb", "fanart": "fanart"}
CHOICES: Mapping[str, Sequence[str]] = {
    "event": EVENT_TYPES,
    "command": [type_name(model) for model in COMMANDS],
    "body": [f"*.{model.__name__}" for model in BODIES],
    "note": ["websocket.Enrichment*", "websocket.Bulk*"],
    "request": [f"*.{model.__name__}" for model in REQUESTS],
}
"""Names of samples, in the order in which the first byte of an input chooses."""
LONG_BOUNDARY = b"----WebKitFormBoundary7MA4YWxkTrZu0gW"


def some_form(boundary: bytes, name: bytes = b"file") -> bytes:
    """A form with a file of one film."""
    return (
        b"--%b\r\nContent-Disposition: form-data; name=%b\r\n\r\nutf-8\r\n"
        b'--%b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n'
        b"title,year\r\nHeat,1995\r\n\r\n--%b--\r\n"
    ) % (boundary, b"other" if name == b"file" else name, boundary, boundary)


def some_manifest() -> bytes:
    """The list of contents of a backup."""
    copies = [
        {
            "name": name,
            "file": file_name(name),
            "size": 7,
            "sha256": "0" * 64,
            "config": {"name": name, "num_replicas": 1},
            "state": {"last_seq": 9, "messages": 2, "bytes": 700},
        }
        for name in ORDER
    ]
    store = {"kind": "demo", "id": "a", "createdAt": "2026-01-01T00:00:00Z"}
    told = {"format": 1, "metarrVersion": "0.1.0", "takenAt": "2026-01-01T00:00:00Z", "store": store}
    return json.dumps({**told, "eventsBefore": 9, "streams": copies}).encode()


LINES = {
    "frame": [
        b'{"type":"subscribe","channel":"movie:enrichment","movieId":7}',
        b'{"type":"unsubscribe","channel":"bulk:enrichment"}',
        b'{"type":"ping"}',
    ],
    "query": [
        b"\0filter=incomplete&missing=plot&search=the%20matrix&sort=title&order=desc&limit=5&after=3",
        b"\0cursor=eyJzb3J0IjoidGl0bGUiLCJvcmRlciI6ImFzYyIsInZhbHVlIjoibWF0cml4IiwiaWQiOjF9",
        b"\0sort=added&cursor=eyJzb3J0IjoiYWRkZWQiLCJvcmRlciI6ImFzYyIsInZhbHVlIjoiMjAyNi0wMS0wMVQwMDowMDowMFoiLCJpZCI6MX0=",
        b"\x01type=bulk_enrichment&limit=20&cursor=eyJiZWZvcmUiOjF9",
        b"\x03title=Heat&year=1995",
        b"\x06w=300&v=abc",
    ],
    "path": [b"603", b"9007199254740992", b"poster", b"or06FN3Dka5tukK1e9sl16pB3iy.jpg", b"omdb"],
    "envelope": [
        b"ce-id=1\nce-type=metarr.movie.enriched.v1\nce-source=/metarr/enricher\nce-time=2026-01-01T00:00:00Z",
        b"ce-id=1\nce-type=a\nce-source=b\nce-time=2026-01-01T00:00:00+01:00\nce-subject=7\nce-correlationid=a\nce-causationid=b\ntraceparent=00-0af7-00f0-01\ntracestate=a=b",
    ],
    "environment": [
        b'\0HTTP_PORT=3000\nPICTURE_HOSTS={"image.tmdb.org":"http://127.0.0.1"}\nUI_DIR=/nowhere\nLOG_LEVEL=info',
        b"\x01TMDB_KEY=x\nTMDB_KEY_FILE=/nowhere\nOMDB_RATE=0.5\nSANDBOX_URL=http://127.0.0.1\nHEALTH_PORT=-1",
        b"\x02SCHEDULE=0 3 * * *\nTIME_ZONE=Europe/Berlin\nSCHEDULE_GRACE=60\nNATS_URL=nats://a:b@c:4222,d",
        b"\x03DATABASE_URL=postgresql://me:secret@127.0.0.1/x\nLOG_FORMAT=json\nHEALTH_HOST=::1",
    ],
    "servers": [b"nats://me:secret@127.0.0.1:4222, b:4223", b"wss://token@[::1]:443/path", b"tls://a,tls://b"],
    "cron": [b"0 3 * * *", b"*/20 1-3 1,15 */2 MON-FRI", b"30 2 29 2 *", b"0 0 L * 5#2"],
    "address": [
        b"https://image.tmdb.org/t/p/original/a.svg",
        b"https://assets.fanart.tv/fanart/movies/1/a.jpg?x=1",
    ],
    "queued": [
        b'ce-id=1\nce-type=a\nce-source=b\nce-time=2026-01-01T00:00:00Z\n\n{"force":true,"trigger":"manual"}',
        b"\n\n",
    ],
    "manifest": [some_manifest()],
    "waiting": [
        b"Retry-After=120",
        b"retry-after=Wed, 21 Oct 2026 07:28:00 GMT\ndate=Wed, 21 Oct 2026 07:27:00 GMT",
        b"retry-after=1.5",
    ],
    "message": [
        b"metarr.cmd.enrich.7\n_INBOX.a.b\nNATS/1.0\r\nce-id: 1\r\nce-type: a\r\nce-time: 2026-01-01T00:00:00Z\r\n\r\n",
        b"metarr.live.movie\n$JS.ACK.METARR_COMMANDS.enricher.1.2.3.4.5\nNATS/1.0 404 No Messages\r\n\r\n",
        b"a\n\nNATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 3\r\n\r\n",
    ],
    "database": [
        b"postgresql://me:p%40ss@127.0.0.1:5432/metarr?sslmode=verify-full&sslrootcert=/a.pem",
        b"postgres://[::1],b:1/x?user=me&password=x",
    ],
    "site": [b"http://127.0.0.1:3000/", b"https://me@films.example:443", b"http://[::1]:80\\@x"],
    "answer": [
        b'\0{"success":true,"data":{"total":1,"added":1,"unchanged":0,"conflict":0,"rejected":0,"rows":[]}}',
        b'\1{"success":true,"data":{"jobId":7}}',
        b'\4{"success":false,"error":"no","code":"invalid"}',
    ],
    "accept": [
        b"application/openmetrics-text;version=1.0.0;escaping=values,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        b"gzip;q=0.5, br;q=1.0, *;q=0",
    ],
    "form": [
        *(bytes([number]) + some_form(boundary) for number, boundary in enumerate((b"b", LONG_BOUNDARY, b"--", b"b"))),
        b"\0" + some_form(b"b", b"_charset_"),
        b"\x01" + some_form(LONG_BOUNDARY, b"_charset_"),
        b"\x04multipart/form-data; boundary=b\n" + some_form(b"b"),
        b"\0--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n--b--\r\n",
    ],
    "admission": [
        b"\x01127.0.0.1:3000\nhttp://127.0.0.1:3000\nfilms.example, [::1]\n",
        b"\x01films.example\nhttps://films.example\nlocalhost,a.local\n\na-key-that-nobody-guesses",
        b"\0[::1]:3000\nhttp://[::1]:3000\nhttps\nMQ.abc.def\n",
        b"\x01metarr\nnull\n\n\nwrong-key-of-twenty-letters",
    ],
    "session": [
        b"metarr_session=MQ.aab.c; other=1",
        b"MQ.ZZZZZZ.x",
        b"a-key-that-nobody-guesses",
        b'metarr_session="\\073"',
    ],
    "client": [
        b"10.0.0.1\n10.0.0.0/8, fd00::/8\n203.0.113.7, 10.0.0.2\n1.2.3.4",
        b"::ffff:10.0.0.1\n::/0\n[2001:db8::1]:443\n",
        b"fd00::1%eth0\n10.0.0.1\n1.2.3.4:80, fd00::2\n",
    ],
}


def seeds(rule: str) -> Iterator[bytes]:
    """The inputs that a rule is first tried with."""
    if rule in PARSERS:
        yield from _chosen(0, [b'{"id":1,"results":[],"movie_results":[]}', *_recorded(FOLDERS.get(rule, "tmdb"))])
    elif rule == "upload":
        yield from _uploads()
    elif rule in CHOICES:
        for number, name in enumerate(CHOICES[rule]):
            yield from _chosen(number, _samples(name))
    else:
        yield from LINES[rule]


def _uploads() -> Iterator[bytes]:
    recorded = {"text/csv": "library", "application/json": "radarr"}
    for number, kind in enumerate(MEDIA_TYPES):
        yield from _chosen(number, [_as_bytes(text) for text in examples.UPLOADS.values()])
        if kind in recorded:
            yield from _chosen(number, _recorded(recorded[kind]))


def _as_bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _chosen(number: int, contents: Iterable[bytes]) -> Iterator[bytes]:
    return (bytes([number]) + content for content in contents)


def _samples(name: str) -> Iterator[bytes]:
    return (json.dumps(json.loads(file.read_bytes())).encode() for file in sorted(SAMPLES.glob(f"{name}.json")))


def _recorded(folder: str) -> Iterator[bytes]:
    for file in sorted((RECORDED / folder).glob("*.*")):
        if file.suffix == ".json":
            yield json.dumps(_short(json.loads(file.read_bytes())), ensure_ascii=False).encode()[:LARGEST]
        elif file.suffix == ".csv":
            yield file.read_bytes()[:LARGEST]


def _short(value: object) -> object:
    """The JSON value with short lists: what a list holds is alike."""
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    return [_short(item) for item in value[:2]] if isinstance(value, list) else value
