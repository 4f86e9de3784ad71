"""Tells the world about committed events: notes on the live subjects, dead letters. At least once, in order."""

from collections.abc import Sequence

import nats.errors
import nats.js.errors
import structlog

from metarr_chassis import tracing
from metarr_chassis.bus import Bus
from metarr_chassis.errors import BusUnavailableError
from metarr_chassis.message_headers import cut
from metarr_contracts import streams, subjects
from metarr_projector.decoding import Item, Undecodable
from metarr_projector.event_spans import Spans, telling_of
from metarr_projector.notes import dead_letter_headers, note, subject_of, superseded

log = structlog.get_logger()


async def announce(bus: Bus, stream: str, items: Sequence[Item], spans: Spans) -> None:
    """Send what there is to say about these events; notes may still be on their way.

    They belong to the traces of the events.

    Raises:
        BusUnavailableError: some may not have been sent; announce them all again.
    """
    old = superseded(items)
    try:
        for item in items:
            if isinstance(item, Undecodable):
                with telling_of(item, spans):
                    await _dead_letter(bus, stream, item)
            elif item.seq not in old and (frame := note(item)):
                with telling_of(item, spans):
                    await bus.nc.publish(subject_of(frame), frame.to_json(), headers=tracing.carried())
    except (nats.errors.Error, OSError) as error:
        raise BusUnavailableError(f"notes were not sent: {type(error).__name__}") from error


async def _dead_letter(bus: Bus, stream: str, dead: Undecodable) -> None:
    headers = dead_letter_headers(stream, dead)
    log.error("event cannot be read", seq=dead.seq, subject=dead.message.subject, reason=dead.reason)
    try:
        subject = subjects.dead_letter(dead.message.subject)
        data = cut(dead.message.data, bus.nc.max_payload)
        await bus.js.publish(subject, data, stream=streams.DEAD, headers=headers)
    except nats.js.errors.APIError as error:
        # The row in dead_event remembers it; a full or missing stream does not stop the projection.
        log.exception("dead letter was not stored", seq=dead.seq, error=error.description)
