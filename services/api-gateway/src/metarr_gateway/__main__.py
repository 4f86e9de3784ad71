"""`python -m metarr_gateway`."""

from metarr_chassis.service import run_service
from metarr_chassis.settings import load_settings
from metarr_gateway.bootstrap import start
from metarr_gateway.settings import GatewaySettings


def main() -> None:
    """Run the gateway until it is told to stop."""
    run_service("api-gateway", load_settings(GatewaySettings), start)


if __name__ == "__main__":
    main()
