"""Which films there are, read from the films' own events: the last one of each says whether it is still there."""

import asyncio
from array import array
from collections.abc import Sequence

import nats.errors
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig, DeliverPolicy

from metarr_chassis.bus import Bus
from metarr_chassis.errors import BusUnavailableError
from metarr_contracts import events, subjects
from metarr_contracts.identifiers import parse_movie_id
from metarr_contracts.registry import type_name
from metarr_enricher.following import following

QUIET_SECONDS = 10.0
REMOVED = type_name(events.MovieRemoved)


async def census(bus: Bus) -> Sequence[int]:
    """The ids of all films in the library, ascending, in four bytes each.

    Raises:
        BusUnavailableError: the server stopped telling.
    """
    here: set[int] = set()
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(QUIET_SECONDS) as patience:

            async def told(message: Msg) -> None:
                # After a gap the consumer may tell earlier events too: the last one of a film is right.
                movie_id = parse_movie_id(message.subject.rsplit(".", 1)[1]) or 0
                is_gone = (message.headers or {}).get("ce-type") == REMOVED
                (here.discard if is_gone else here.add)(movie_id)
                if message.metadata.num_pending == 0:
                    done.set()
                elif not done.is_set():
                    patience.reschedule(loop.time() + QUIET_SECONDS)

            config = ConsumerConfig(deliver_policy=DeliverPolicy.LAST_PER_SUBJECT, headers_only=True)
            async with following(bus, subjects.MOVIE_EVENTS, told, config) as subscription:
                info = await subscription.consumer_info()
                # An empty library tells nothing.
                if info.num_pending or (info.delivered and info.delivered.consumer_seq):
                    await done.wait()
    except (TimeoutError, nats.errors.Error) as error:
        raise BusUnavailableError("the films cannot be counted") from error
    return array("I", sorted(here))
