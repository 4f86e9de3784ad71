"""How far the projection is, in which stream; moved in the transaction that writes the rows."""

from dataclasses import dataclass

import asyncpg

from metarr_projector.errors import CheckpointMovedError


@dataclass(frozen=True)
class Checkpoint:
    """All events up to `seq` are in the rows; notes have been sent for those up to `notified_seq`."""

    stream: str
    """When the stream was created, as the server says it."""
    seq: int
    event_id: str
    notified_seq: int


async def read(connection: asyncpg.Connection) -> Checkpoint | None:
    """Where the rows stand; None for read models that no event has reached."""
    row = await connection.fetchrow("SELECT stream, seq, event_id, notified_seq FROM control.checkpoint")
    return Checkpoint(**row) if row else None


async def move(connection: asyncpg.Connection, old: Checkpoint, new: Checkpoint) -> None:
    """Go from one checkpoint to the next, within the caller's transaction.

    Raises:
        CheckpointMovedError: it is not where we left it; the transaction has to be rolled back.
    """
    moved = await connection.execute(
        "UPDATE control.checkpoint SET seq = $1, event_id = $2, notified_seq = $3 WHERE seq = $4 AND stream = $5",
        *(new.seq, new.event_id, new.notified_seq, old.seq, old.stream),
    )
    if moved != "UPDATE 1":
        raise CheckpointMovedError


async def replace(connection: asyncpg.Connection, new: Checkpoint) -> None:
    """Set the checkpoint whatever it was, within the caller's transaction: the rows are others from now on."""
    await connection.execute("DELETE FROM control.checkpoint")
    await connection.execute(
        "INSERT INTO control.checkpoint (stream, seq, event_id, notified_seq) VALUES ($1, $2, $3, $4)",
        *(new.stream, new.seq, new.event_id, new.notified_seq),
    )
