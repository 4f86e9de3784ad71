"""Samples of every message: each decodes, says nothing that is lost, and none is missing."""

import importlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from metarr_contracts import registry
from metarr_contracts.asyncapi import CLIENT_FRAMES, SERVER_FRAMES
from metarr_contracts.base import Value
from metarr_contracts.channels import QUERIES, VERBS
from metarr_contracts.envelope import Envelope
from metarr_contracts.http import Failure
from metarr_contracts.library import ImportRow, Refused
from metarr_contracts.operations import Rebuilt
from metarr_gateway.routes import ROUTES

SAMPLES = Path(__file__).parents[2] / "contracts" / "samples"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.json"))
STORED = [name for name in NAMES if name.startswith("metarr.")]
OTHERS = [name for name in NAMES if not name.startswith("metarr.")]
SECRET = {"http.SignIn"}
"""What we take and never write."""
NOW = datetime(2025, 11, 22, tzinfo=UTC)


def read(name: str) -> bytes:
    """The sample as it lies there."""
    return (SAMPLES / f"{name}.json").read_bytes()


def decode(name: str) -> Value:
    """The sample as the model that its name says."""
    if name in STORED:
        return registry.decode(Envelope(id="1", type=name, source="/metarr/enricher", time=NOW), read(name))
    module, model = name.split(".")
    decoded: Value = getattr(importlib.import_module(f"metarr_contracts.{module}"), model).model_validate_json(
        read(name)
    )
    return decoded


def lost(said: Any, kept: Any, place: str = "") -> list[str]:
    """Where the encoded value does not say what the sample says."""
    if isinstance(said, dict) and isinstance(kept, dict):
        return [gap for key in said for gap in lost(said[key], kept.get(key, "absent"), f"{place}.{key}")]
    if isinstance(said, list) and isinstance(kept, list) and len(said) == len(kept):
        pairs = zip(said, kept, strict=True)
        return [gap for n, (one, other) in enumerate(pairs) for gap in lost(one, other, f"{place}[{n}]")]
    return [] if said == kept else [place]


def test_every_type_has_a_sample() -> None:
    """A type on the bus comes with a sample under its name."""
    assert set(registry.TYPES) <= set(STORED)


@pytest.mark.parametrize("name", STORED)
def test_samples_of_all_versions_decode(name: str) -> None:
    """What was once stored stays readable for ever: a sample is never removed, and its type is never forgotten."""
    assert isinstance(decode(name), Value)


@pytest.mark.parametrize("name", sorted(set(registry.TYPES) | set(OTHERS) - SECRET))
def test_samples_survive_decoding(name: str) -> None:
    """No field of a sample is unknown to its model or read differently."""
    assert lost(json.loads(read(name)), json.loads(decode(name).to_json())) == []


def test_every_request_reply_body_and_frame_has_a_sample() -> None:
    """Whoever writes a client finds an example of everything that is not stored."""
    spoken: set[type[Value]] = {model for exchange in (*VERBS.values(), *QUERIES.values()) for model in exchange}
    spoken |= {model for route in ROUTES for model in (route.body, *route.answers.values()) if model}
    spoken |= {*CLIENT_FRAMES, *SERVER_FRAMES, Failure, Refused, Rebuilt, ImportRow}

    assert {f"{model.__module__.removeprefix('metarr_contracts.')}.{model.__name__}" for model in spoken} == set(OTHERS)
