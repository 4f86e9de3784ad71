"""The settings of `metarr run` and of all services, checked together before anything is started."""

from collections.abc import Mapping
from typing import Any

from metarr_chassis.setting_errors import WrongSettingsError
from metarr_chassis.settings import ServiceSettings, read_settings
from metarr_enricher.settings import EnricherSettings
from metarr_gateway.settings import GatewaySettings
from metarr_local.plan import HEALTH_SERVED, Addresses, service_plans
from metarr_local.ports import LOOPBACK
from metarr_local.settings import RunSettings
from metarr_projector.settings import ProjectorSettings
from metarr_scheduler.settings import SchedulerSettings

SETTINGS: Mapping[str, type[ServiceSettings]] = {
    "gateway": GatewaySettings,
    "enricher": EnricherSettings,
    "scheduler": SchedulerSettings,
    "projector": ProjectorSettings,
}


def checked_settings(environment: Mapping[str, str], arguments: Mapping[str, Any]) -> RunSettings:
    """The settings of `metarr run`, of which `arguments` win; raises WrongSettingsError for it and all services."""
    lines: list[str] = []
    try:
        settings = read_settings(RunSettings, environment)
    except WrongSettingsError as error:
        lines += error.lines
        # The services are checked with what is right.
        settings = read_settings(RunSettings, _without(environment, error.variables))
    settings = settings.model_copy(update=dict(arguments))
    for plan in service_plans(settings, _addresses(settings), environment):
        try:
            read_settings(SETTINGS[plan.name], plan.environment)
        except WrongSettingsError as error:
            lines += error.lines
    if lines:
        raise WrongSettingsError(lines)
    return settings


def _without(environment: Mapping[str, str], variables: frozenset[str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.upper() not in variables}


def _addresses(settings: RunSettings) -> Addresses:
    """Stand-ins for what is known once the servers run."""
    return Addresses(
        settings.bus_url,
        settings.database_url or "postgresql://embedded",
        f"http://{LOOPBACK}:{settings.sandbox_port}" if settings.demo else None,
        dict.fromkeys(HEALTH_SERVED, 0),
        settings.ui_dir,
    )
