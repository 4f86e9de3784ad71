"""What the scheduler knows of the whole system: queues, streams, the schedule. The same from every replica."""

from metarr_chassis.metrics import KnownGauge

QUEUE_DEPTH = KnownGauge("metarr_queue_depth", "Commands that wait for somebody to work on them", ["queue"])
QUEUE_IN_PROGRESS = KnownGauge(
    "metarr_queue_in_progress", "Commands that were handed out and have not come to their end", ["queue"]
)
QUEUE_PAUSED = KnownGauge("metarr_queue_paused", "1 while an operator holds a queue back", ["queue"])
STREAM_MESSAGES = KnownGauge("metarr_stream_messages", "Messages that a stream of the bus holds", ["stream"])
STREAM_BYTES = KnownGauge("metarr_stream_bytes", "What a stream of the bus takes up, in bytes", ["stream"])
STREAM_LAST_SEQUENCE = KnownGauge(
    "metarr_stream_last_sequence", "Sequence of the last message that a stream of the bus took in", ["stream"]
)
NEXT_RUN = KnownGauge(
    "metarr_schedule_next_run_timestamp_seconds",
    "When the next nightly run is planned for, Unix time; absent while the schedule is off",
)
LAST_FIRED = KnownGauge(
    "metarr_schedule_last_fired_timestamp_seconds",
    "When the schedule last started a run, in time or caught up, Unix time; absent before the first",
)
