"""`python -m metarr_enricher`."""

from metarr_chassis.service import run_service
from metarr_chassis.settings import load_settings
from metarr_enricher.bootstrap import start
from metarr_enricher.settings import EnricherSettings

if __name__ == "__main__":
    run_service("enricher", load_settings(EnricherSettings), start)
