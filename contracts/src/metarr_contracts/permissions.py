"""Who may do what on the bus, as data: a NATS user for each service, one for a person, one for setup.

What a service sends and hears is taken from the map of the bus (`channels`); here is what it needs of the JetStream API
beside that. Nobody but setup may make, change, purge or delete streams, delete messages, or make or delete the durable
consumers, those of METARR_COMMANDS; a person may pause them.

**Reading.** What a stream keeps is read by requests and by consumers that deliver into an inbox of the reader, so no
service subscribes to subjects of a stream. A reader may make consumers of METARR_EVENTS or METARR_UPLOADS, which have
no durable ones, and never of METARR_COMMANDS, where a message that is delivered is taken.

**Inboxes.** Each user hears replies below its own `_INBOX.<user>` alone. The `nats` client uses any other name below
`_INBOX`, so a person may hear all but those of services. Every service answers somebody, and may send to every inbox:
only whom a service asks can guess their names. `allow_responses` of the server would not do, as it forgets whom to
answer when a connection is lost.

**Where answers go.** The server does not look at where somebody wants an answer: it puts it out there by its own right,
also into a stream. Answers of the API are JSON without headers, so nobody takes one for an event; messages that are
read directly, or by a consumer, come as they were sent. So nobody reads those in this way who may have sent them: not
the operator what is in METARR_COMMANDS and METARR_DEAD, or a command with the headers of an event would become one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from metarr_contracts import streams, subjects
from metarr_contracts.channels import CHANNELS, LIVE, REQUESTS, Party
from metarr_contracts.fields import PROVIDERS
from metarr_contracts.rates import MANUAL_BULK_STARTS, MANUAL_REFRESHES
from metarr_contracts.streams import ALL_STREAMS, ANSWERS, COMMANDS, CONSUMERS, EVENTS, META, RATES, SNAPSHOTS

UserName = Literal["setup", "gateway", "enricher", "scheduler", "projector", "operator"]

API = "$JS.API"
UPLOADS = f"OBJ_{streams.UPLOADS}"


@dataclass(frozen=True)
class Access:
    """Subjects, with wildcards; what is denied wins."""

    allow: tuple[str, ...]
    deny: tuple[str, ...] = ()


@dataclass(frozen=True)
class User:
    """A NATS user."""

    name: UserName
    publish: Access
    subscribe: Access


def inbox_prefix(user: str) -> str:
    """What the inboxes of a user begin with."""
    return f"_INBOX.{user}"


def _inboxes(user: str) -> str:
    return f"{inbox_prefix(user)}.>"


def _stream(call: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{API}.STREAM.{call}.{name}" for name in names)


def _get(*names: str) -> tuple[str, ...]:
    """Read single messages, from the stream's leader."""
    return _stream("MSG.GET", *names)


def _keys(bucket: str, *keys: str) -> tuple[str, ...]:
    return tuple(f"$KV.{bucket}.{key}" for key in keys)


def _sent_by(party: Party) -> tuple[str, ...]:
    return tuple(channel.pattern for channel in CHANNELS if party in channel.sent)


def _heard_by(party: Party) -> tuple[str, ...]:
    """What is not kept has to be heard at once: notes and requests."""
    return tuple(channel.pattern for channel in (*LIVE, *REQUESTS) if party in channel.readers)


def _micro(name: str) -> tuple[str, ...]:
    """A micro service is asked whether it is there, what it is, and what it did."""
    return tuple(f"$SRV.{verb}{rest}" for verb in ("PING", "INFO", "STATS") for rest in ("", f".{name}", f".{name}.*"))


def _follow(stream: str) -> tuple[str, ...]:
    """Make consumers that deliver in order, look at them, and answer their flow control."""
    return (
        f"{API}.CONSUMER.CREATE.{stream}",
        f"{API}.CONSUMER.CREATE.{stream}.*",
        f"{API}.CONSUMER.INFO.{stream}.*",
        f"{API}.CONSUMER.DELETE.{stream}.*",
        f"$JS.FC.{stream}.>",
    )


COMPARE: tuple[str, ...] = (
    f"{API}.INFO",
    *_stream("INFO", *ALL_STREAMS, streams.RESTORE),
    *(f"{API}.CONSUMER.INFO.{consumer.stream}.{consumer.durable}" for consumer in CONSUMERS),
    *_get(f"KV_{META}"),
)
"""Every service compares the bus with its definitions when it starts."""


def _service(name: UserName, party: Party, publish: Iterable[str], *more_micro: str) -> User:
    micro = (name, *more_micro)
    return User(
        name,
        publish=Access(
            (*_sent_by(party), *(f"$SRV.PING.{each}.*" for each in micro), "_INBOX.>", *COMPARE, *publish),
        ),
        subscribe=Access(
            (_inboxes(name), *_heard_by(party), *dict.fromkeys(subject for each in micro for subject in _micro(each)))
        ),
    )


SERVICES: tuple[User, ...] = (
    _service(
        "gateway",
        "api-gateway",
        (
            *_get(EVENTS, COMMANDS, f"KV_{RATES}", UPLOADS),
            *_keys(RATES, MANUAL_REFRESHES, MANUAL_BULK_STARTS),
            f"$O.{streams.UPLOADS}.>",
        ),
    ),
    _service(
        "enricher",
        "enricher",
        (
            *_get(EVENTS, COMMANDS, ANSWERS, f"KV_{SNAPSHOTS}", f"KV_{RATES}", UPLOADS),
            *_keys(SNAPSHOTS, ">"),
            *_keys(META, "next-movie-id"),
            *_keys(RATES, *PROVIDERS),
            *(f"{API}.CONSUMER.MSG.NEXT.{consumer.stream}.{consumer.durable}" for consumer in CONSUMERS),
            f"$JS.ACK.{COMMANDS}.>",
            *_follow(EVENTS),
            *_follow(UPLOADS),
            f"{API}.STREAM.NAMES",
        ),
    ),
    _service(
        "scheduler",
        "scheduler",
        (*_get(EVENTS, COMMANDS), f"{API}.STREAM.LIST", f"{API}.CONSUMER.LIST.{COMMANDS}"),
    ),
    _service("projector", "projector", (*_get(EVENTS, f"KV_{RATES}"), *_follow(EVENTS)), "projector-operations"),
)

OTHERS_INBOXES: tuple[str, ...] = tuple(_inboxes(user) for user in ("setup", *(service.name for service in SERVICES)))

OPERATOR = User(
    "operator",
    publish=Access(
        (
            *_sent_by("operator"),
            "$SRV.>",
            # Who one is: `nats account info` asks.
            "$SYS.REQ.USER.INFO",
            f"{API}.INFO",
            f"{API}.STREAM.LIST",
            f"{API}.STREAM.NAMES",
            *_stream("INFO", "*"),
            *_get("*"),
            f"{API}.CONSUMER.LIST.*",
            f"{API}.CONSUMER.NAMES.*",
            f"{API}.CONSUMER.INFO.*.*",
            f"{API}.CONSUMER.PAUSE.{COMMANDS}.*",
            # Pages through what is kept, but for what the operator may have written.
            *(
                f"{API}.CONSUMER.{call}"
                for stream in (EVENTS, ANSWERS)
                for call in (f"CREATE.{stream}", f"CREATE.{stream}.>", f"MSG.NEXT.{stream}.*", f"DELETE.{stream}.*")
            ),
            *(f"$JS.{kind}.{stream}.>" for stream in (EVENTS, ANSWERS) for kind in ("ACK", "FC")),
            "_INBOX.>",
        ),
        deny=OTHERS_INBOXES,
    ),
    subscribe=Access(
        (
            "_INBOX.>",
            *(subjects.COMMANDS, subjects.EVENTS, subjects.ANSWERS, subjects.DEAD, subjects.LIVE),
            "$JS.EVENT.>",
        ),
        deny=OTHERS_INBOXES,
    ),
)

SETUP = User("setup", publish=Access((">",)), subscribe=Access((">",)))

USERS: tuple[User, ...] = (SETUP, *SERVICES, OPERATOR)


def password_variable(user: UserName) -> str:
    """The environment variable of the NATS server that holds a user's password."""
    return f"METARR_NATS_PASSWORD_{user.upper()}"
