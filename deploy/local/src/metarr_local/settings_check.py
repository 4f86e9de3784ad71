"""The settings of `metarr run` and of all services, checked together before anything is started."""

from collections.abc import Mapping
from typing import Any

from metarr_chassis.setting_errors import WrongSettingsError
from metarr_chassis.settings import ServiceSettings, read_settings
from metarr_enricher.settings import EnricherSettings
from metarr_gateway.settings import GatewaySettings
from metarr_local import web_key
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

NO_OWNER = "METARR_DATABASE_URL: is required with METARR_DATABASE_WRITER_URL and METARR_DATABASE_READER_URL"


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
    if not lines and settings.database_url is None and (settings.database_writer_url or settings.database_reader_url):
        lines.append(NO_OWNER)
    for plan in service_plans(_without_new_key(settings), _addresses(settings), environment):
        try:
            read_settings(SETTINGS[plan.name], plan.environment)
        except WrongSettingsError as error:
            lines += error.lines
    if lines:
        raise WrongSettingsError(lines)
    return settings


def _without(environment: Mapping[str, str], variables: frozenset[str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.upper() not in variables}


def _without_new_key(settings: RunSettings) -> RunSettings:
    """The key that a web server needs where others reach it may only be made at the start: checked as if none did."""
    file = web_key.asked_for(settings)
    new = file is not None and settings.api_key_file is None and not file.exists()
    return settings.model_copy(update={"http_host": LOOPBACK}) if new else settings


def _addresses(settings: RunSettings) -> Addresses:
    """Stand-ins for what is known once the servers run."""
    return Addresses(
        settings.nats_url,
        settings.database_url or "postgresql://embedded",
        f"http://{LOOPBACK}:{settings.sandbox_port}" if settings.demo else None,
        dict.fromkeys(HEALTH_SERVED, 0),
        settings.ui_dir,
        database_writer_url=settings.database_writer_url,
        database_reader_url=settings.database_reader_url,
        api_key_file=web_key.asked_for(settings) if _without_new_key(settings) is settings else None,
    )
