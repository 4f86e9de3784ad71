"""What events of the schedule do: when the next run is due, and nights that were left out."""

from metarr_contracts import events
from metarr_contracts.base import Value
from metarr_projector.patches import Changes
from metarr_projector.patches_runs import NightRow, ScheduleRow


def fold_schedule(changes: Changes, seq: int, event: Value) -> None:
    """Add what one event does to the schedule; nothing if it is not about it."""
    match event:
        case events.ScheduleSkipped():
            changes.nights[seq] = NightRow(seq, "skipped", event.job_id, event.due, event.at)
        case events.ScheduleMissed():
            changes.nights[seq] = NightRow(seq, "missed", None, event.due, event.at)
        case events.SchedulePlanned() | events.ScheduleFired() | events.ScheduleCaughtUp():
            pass
        case _:
            return
    changes.schedule = ScheduleRow(event.scheduled_for, event.cron, event.time_zone)
