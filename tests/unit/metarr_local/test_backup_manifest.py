"""What a backup says of itself: read back as written, refused with a sentence where it cannot be restored."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from metarr_contracts.store import Store
from metarr_contracts.streams import ALL_STREAMS
from metarr_local.backup_manifest import FORMAT, ORDER, CopiedStream, Manifest, contents, file_name, read_manifest
from metarr_local.errors import LocalError

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def made(**changes: Any) -> Manifest:
    """A manifest of a small backup."""
    copies = [
        CopiedStream(
            name=name,
            file=file_name(name),
            size=500_000,
            sha256="0" * 64,
            config={"name": name, "num_replicas": 1},
            state={"messages": 3, "last_seq": 7},
        )
        for name in ORDER
    ]
    whole = Manifest(
        format=FORMAT,
        metarr_version="0.1.0",
        taken_at=NOW,
        store=Store(kind="demo", id="a", created_at=NOW),
        events_before=5,
        streams=copies,
    )
    return whole.model_copy(update=changes)


def test_it_is_read_as_it_was_written() -> None:
    """Given what a backup writes, when it is read, then nothing is lost."""
    assert read_manifest(made().to_json(), "backup.json") == made()


def test_what_refers_comes_before_what_it_refers_to() -> None:
    """Commands before uploads and events; events before answers, dead letters and the next film's id."""
    place = {name: number for number, name in enumerate(ORDER)}
    commands, uploads, events = place["METARR_COMMANDS"], place["OBJ_METARR_UPLOADS"], place["METARR_EVENTS"]
    assert commands < uploads < events
    assert events < min(place["METARR_ANSWERS"], place["METARR_DEAD"], place["KV_METARR_META"])


def test_all_but_what_is_of_no_use_later_is_in_it() -> None:
    """Every stream and bucket, except snapshots, which are of no use for a stream that is another one."""
    assert set(ORDER) == set(ALL_STREAMS) - {"KV_METARR_SNAPSHOTS"}


def test_a_newer_format_is_refused() -> None:
    """Whatever else it says."""
    with pytest.raises(LocalError, match=r"backup\.json is of format 2, this version reads up to 1: use a newer"):
        read_manifest(b'{"format": 2, "anything": []}', "backup.json")


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"{}", b'{"format": "x"}', b'{"format": 1}'])
def test_what_is_no_manifest_is_refused(text: bytes) -> None:
    """With the file's name, not with a trace."""
    with pytest.raises(LocalError, match=r"backup\.json is damaged"):
        read_manifest(text, "backup.json")


def test_a_stream_that_is_not_named_is_missed() -> None:
    """A backup without the events would be restored as an empty library."""
    with pytest.raises(LocalError, match=r"has to name the copies of .*METARR_EVENTS"):
        read_manifest(made(streams=made().streams[:-1]).to_json(), "backup.json")


def test_a_file_elsewhere_is_refused() -> None:
    """A manifest that somebody changed leads to no other file."""
    document = json.loads(made().to_json())
    document["streams"][0]["file"] = "../../etc/passwd"
    with pytest.raises(LocalError, match="damaged"):
        read_manifest(json.dumps(document).encode(), "backup.json")


def test_a_copy_becomes_no_other_stream() -> None:
    """What the server is told to make is the stream that the manifest says, or all would be removed for it first."""
    document = json.loads(made().to_json())
    document["streams"][0]["config"]["name"] = "SOMETHING_ELSE"
    with pytest.raises(LocalError, match="damaged"):
        read_manifest(json.dumps(document).encode(), "backup.json")


@pytest.mark.parametrize(("part", "name"), [("state", "last_seq"), ("state", "messages"), ("config", "num_replicas")])
@pytest.mark.parametrize("value", [None, "7", 1.5, -1, 2**64])
def test_a_count_is_a_count(part: str, name: str, value: object) -> None:
    """What is reckoned with later is looked at before anything is done."""
    document = json.loads(made().to_json())
    document["streams"][2][part][name] = value
    with pytest.raises(LocalError, match=rf"damaged: streams\.2\.{part} cannot be read"):
        read_manifest(json.dumps(document).encode(), "backup.json")


def test_a_person_is_told_what_is_in_it() -> None:
    """Events, waiting commands, kind, size, time."""
    said = contents(made())
    assert said == "7 events and 3 waiting commands of demo data, 3.5 MB, of 2026-03-01 12:00:00 UTC"
