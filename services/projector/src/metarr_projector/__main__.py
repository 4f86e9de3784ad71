"""Starts the projector: `python -m metarr_projector`."""

from metarr_chassis.service import run_service
from metarr_chassis.settings import load_settings
from metarr_projector.bootstrap import start
from metarr_projector.settings import ProjectorSettings


def main() -> None:
    """Run until a signal ends it."""
    run_service("projector", load_settings(ProjectorSettings), start)


if __name__ == "__main__":
    main()
