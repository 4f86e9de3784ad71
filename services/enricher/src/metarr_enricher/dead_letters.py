"""Commands that nobody could carry out are kept in METARR_DEAD: the message as it was, why, and where it came from."""

from metarr_chassis.bus import UNAVAILABLE, Bus
from metarr_chassis.errors import BusUnavailableError
from metarr_contracts import streams, subjects
from metarr_contracts.envelope import MESSAGE_ID
from metarr_enricher.worker import Delivery


async def bury(bus: Bus, delivery: Delivery, reason: str) -> None:
    """Store the message once, however often this is repeated.

    Raises:
        BusUnavailableError: it is not known whether it was stored.
    """
    headers = {
        # What the sender told the server, such as an expected sequence, was meant for the other stream.
        **{name: value for name, value in delivery.headers.items() if not name.lower().startswith("nats-")},
        MESSAGE_ID: f"dead/{streams.COMMANDS}/{delivery.seq}/{delivery.stored_at.timestamp()}",
        "metarr-reason": " ".join(reason.split())[:500],
        "metarr-origin": delivery.subject,
        "metarr-origin-seq": str(delivery.seq),
        "metarr-deliveries": str(delivery.attempt),
    }
    try:
        await bus.js.publish(
            subjects.dead_letter(delivery.subject), delivery.data, stream=streams.DEAD, headers=headers
        )
    except UNAVAILABLE as error:
        raise BusUnavailableError("the dead letter was not stored") from error
