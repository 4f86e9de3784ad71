"""A barrier on a NATS connection."""

from nats.aio.client import Client


async def round_trip(connection: Client) -> None:
    """Return when the server has all that was sent before; the PING of nats-py's own flush() overtakes the rest."""
    inbox = connection.new_inbox()
    subscription = await connection.subscribe(inbox)
    await connection.publish(inbox)
    await subscription.next_msg(60)
    await subscription.unsubscribe()
