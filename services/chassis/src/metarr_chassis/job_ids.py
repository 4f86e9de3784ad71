"""Pure: the first job id of a queue that was lost or restored, above every id that was ever given out.

A job id is the sequence of its command in METARR_COMMANDS, and a film's events tell which job was the last to end: all
ids up to that are over. An id that came twice would be a job that is over before it begins, so a queue never begins
where ids were given out already. What was given out is reckoned from what is durable, not counted: a count would be a
write for each command.

**The queue is lost, the events are there** (`after_loss`). Let `above` be where the queue's ids began: 0, or what was
reckoned the last time, kept in METARR_META. Every id given out since belongs to a job that

* has ended: its terminal event is an event of its own (that is what lets a command leave the queue); or
* has not ended: its command was in the queue when that was lost, and a subject holds one command at most. Such a job is
  the only one of its film, which has an event of its own too (MovieAdded, which ends no job); or it is an import, the
  run over the library, or an operator's command on what is no film: `ROOM` is for these.

So since `above` no more than `last event + ROOM` ids were given out.

**A backup is restored** (`after_restore`). Ids up to the backup's last one are in it; how many were given out after it,
until the disaster, nobody knows who has only the backup. A film is refreshed when a provider is asked about it, and all
providers together are asked 60 times a second by default; a refresh that asks nobody is a person's, of whom the gateway
takes 30 a minute. `PER_SECOND` is above that, for as long as it could have gone on: from the backup until now. `ROOM`
is for a burst, and for clocks that differ. `MOST` keeps the gap small, which costs time when NATS starts while commands
from before it are queued (see ADR 0011); it is a thousand refreshes of each of 100,000 films since the backup.
"""

ROOM = 1_000_000
PER_SECOND = 100
MOST = 100_000_000


def after_loss(above: int, last_event: int) -> int:
    """The first id of a queue that is made anew beside events that are there, the last of which has this sequence."""
    return above + last_event + ROOM + 1


def after_restore(last_id: int, seconds: float) -> int:
    """The first id after a backup is restored whose last one is `last_id`, so many seconds after it was taken."""
    return last_id + min(ROOM + int(max(seconds, 0) * PER_SECOND), MOST) + 1
