"""Commands that nobody could carry out are kept in METARR_DEAD: the message as it was, why, and where it came from."""

from metarr_chassis.bus import UNAVAILABLE, Bus
from metarr_chassis.errors import BusUnavailableError
from metarr_chassis.message_headers import cut, passed_on
from metarr_contracts import streams, subjects
from metarr_contracts.envelope import MESSAGE_ID
from metarr_enricher.metrics import DEAD_COMMANDS
from metarr_enricher.worker import Delivery


async def bury(bus: Bus, delivery: Delivery, reason: str) -> None:
    """Store the message once, however often this is repeated.

    Raises:
        BusUnavailableError: it is not known whether it was stored.
    """
    headers = {
        **passed_on(delivery.headers),
        MESSAGE_ID: f"dead/{streams.COMMANDS}/{delivery.seq}/{delivery.stored_at.timestamp()}",
        "metarr-reason": " ".join(reason.split())[:500],
        "metarr-origin": delivery.subject,
        "metarr-origin-seq": str(delivery.seq),
        "metarr-deliveries": str(delivery.attempt),
    }
    try:
        data = cut(delivery.data, bus.nc.max_payload)
        ack = await bus.js.publish(subjects.dead_letter(delivery.subject), data, stream=streams.DEAD, headers=headers)
    except UNAVAILABLE as error:
        raise BusUnavailableError("the dead letter was not stored") from error
    if not ack.duplicate:
        DEAD_COMMANDS.inc()
