"""Starts the projector: `python -m metarr_projector`."""

import gc

from metarr_chassis.service import run_service
from metarr_chassis.settings import load_settings
from metarr_projector.bootstrap import start
from metarr_projector.settings import ProjectorSettings

YOUNG_OBJECTS = 100_000
"""A batch holds tens of thousands of objects without a cycle; looking through them every 700 takes most of the time."""


def look_seldom_for_cycles() -> None:
    """Tell the collector to leave alone what is there already, and what soon goes by itself."""
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 100)


def main() -> None:
    """Run until a signal ends it."""
    look_seldom_for_cycles()
    run_service("projector", load_settings(ProjectorSettings), start)


if __name__ == "__main__":
    main()
