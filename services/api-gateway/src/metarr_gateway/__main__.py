"""`python -m metarr_gateway`."""

import warnings

from aiohttp import BadContentDispositionHeader, BadContentDispositionParam

from metarr_chassis.service import run_service
from metarr_chassis.settings import load_settings
from metarr_gateway.bootstrap import start
from metarr_gateway.settings import GatewaySettings


def main() -> None:
    """Run the gateway until it is told to stop."""
    ignore_bad_forms()
    run_service("api-gateway", load_settings(GatewaySettings), start)


def ignore_bad_forms() -> None:
    """Let no form write to the log or fill the memory: Python keeps the text of every warning that it has shown."""
    for category in (BadContentDispositionHeader, BadContentDispositionParam):
        warnings.simplefilter("ignore", category)


if __name__ == "__main__":
    main()
