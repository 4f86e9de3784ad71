"""`python -m metarr_scheduler`."""

from metarr_chassis.service import run_service
from metarr_chassis.settings import load_settings
from metarr_scheduler.bootstrap import start
from metarr_scheduler.settings import SchedulerSettings

if __name__ == "__main__":
    run_service("scheduler", load_settings(SchedulerSettings), start)
