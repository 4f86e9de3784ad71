"""Builds the AsyncAPI 3.0 document: servers, channels, who sends and who reads, every message, the streams."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, get_args

from metarr_contracts import websocket
from metarr_contracts.asyncapi_messages import components, name_of
from metarr_contracts.base import Value
from metarr_contracts.channels import CHANNELS, PARAMETER, Body, Channel, Party, stream_of
from metarr_contracts.events import ClaimKind
from metarr_contracts.fields import PROVIDERS
from metarr_contracts.streams import BUCKETS, CONSUMERS, STREAMS

Json = dict[str, Any]
Named = Iterator[tuple[str, Json]]

CLIENT_FRAMES: tuple[type[Value], ...] = (websocket.Subscribe, websocket.Unsubscribe, websocket.Ping)
SERVER_FRAMES: tuple[type[Value], ...] = get_args(websocket.ServerFrame)
WEB_SOCKET = "webSocket"
GATEWAY: Party = "api-gateway"

PARAMETERS: Mapping[str, Json] = {
    "movieId": {"description": "A film of this library: a number from 1, without leading zeros"},
    "jobId": {"description": "The sequence of the job's command in METARR_COMMANDS"},
    "upload": {"description": "Names the object in METARR_UPLOADS that holds the rows"},
    "kind": {"description": "What is claimed", "enum": list(get_args(ClaimKind))},
    "id": {"description": "The id; for a title its key, which is title and year as one hexadecimal token"},
    "provider": {"description": "A provider", "enum": list(PROVIDERS)},
    "day": {"description": "A UTC day, for example 2025-11-21"},
    "origin": {"description": "The subject that the message came on, with its dots"},
}


def document() -> Json:
    """The whole document."""
    on_bus = (body for channel in CHANNELS for body in (*channel.bodies, *channel.replies))
    messages, schemas = components(dict.fromkeys((*on_bus, *CLIENT_FRAMES, *SERVER_FRAMES)))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Metarr on the bus",
            "version": "1",
            "description": "Every message of Metarr's NATS subjects and of its WebSocket. Bodies are JSON; what is "
            "stored is a CloudEvent in binary mode: attributes are headers. Readers ignore fields that they do not "
            "know; requests and commands with unknown fields are refused.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "bus": {"host": "127.0.0.1:4222", "protocol": "nats", "description": "NATS with JetStream"},
            "web": {"host": "127.0.0.1:3000", "protocol": "ws", "description": "The API gateway"},
        },
        "channels": dict(_channels()),
        "operations": dict(_operations()),
        "components": {"messages": messages, "schemas": dict(sorted(schemas.items()))},
        "x-streams": [stream.model_dump(mode="json", by_alias=True) for stream in STREAMS],
        "x-consumers": [consumer.model_dump(mode="json", by_alias=True) for consumer in CONSUMERS],
        "x-buckets": [bucket.model_dump(mode="json", by_alias=True) for bucket in BUCKETS],
    }


def _channels() -> Named:
    for channel in CHANNELS:
        yield channel.name, _channel(channel)
        if channel.replies:
            yield _reply_name(channel), _replies(channel)
    yield (
        WEB_SOCKET,
        {
            "address": "/ws",
            "description": "Live messages. A socket that never subscribed gets all; its first subscribe narrows it.",
            "servers": [{"$ref": "#/servers/web"}],
            "messages": _offered((*CLIENT_FRAMES, *SERVER_FRAMES)),
        },
    )


def _channel(channel: Channel) -> Json:
    parameters = {name: PARAMETERS[name] for name in PARAMETER.findall(channel.address)}
    stream = stream_of(channel)
    return {
        "address": channel.address,
        "description": channel.description,
        "servers": [{"$ref": "#/servers/bus"}],
        "messages": _offered(channel.bodies),
        **({"parameters": parameters} if parameters else {}),
        **({"x-stream": stream.name} if stream else {}),
    }


def _reply_name(channel: Channel) -> str:
    return f"{channel.name}.reply"


def _replies(channel: Channel) -> Json:
    return {
        "address": None,
        "description": "The reply subject of the request",
        "servers": [{"$ref": "#/servers/bus"}],
        "messages": _offered(channel.replies),
    }


def _offered(bodies: Iterable[Body]) -> Json:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in map(name_of, bodies)}


def _operations() -> Named:
    for channel in CHANNELS:
        for sender, bodies in channel.sent.items():
            yield _operation(sender, "send", channel.name, bodies, channel)
        for reader in channel.readers:
            yield _operation(reader, "receive", channel.name, channel.bodies, channel)
    yield _operation(GATEWAY, "receive", WEB_SOCKET, CLIENT_FRAMES)
    yield _operation(GATEWAY, "send", WEB_SOCKET, SERVER_FRAMES)


def _operation(
    party: Party,
    action: Literal["send", "receive"],
    name: str,
    bodies: Iterable[Body],
    channel: Channel | None = None,
) -> tuple[str, Json]:
    operation: Json = {"action": action, **_chosen(name, bodies), "tags": [{"name": party}]}
    if channel and channel.replies:
        operation["reply"] = _chosen(_reply_name(channel), channel.replies)
    return f"{party}.{action}.{name}", operation


def _chosen(channel: str, bodies: Iterable[Body]) -> Json:
    place = f"#/channels/{channel}"
    return {
        "channel": {"$ref": place},
        "messages": [{"$ref": f"{place}/messages/{name}"} for name in map(name_of, bodies)],
    }
