"""The order in which everything is started, and therefore stopped: bus, database, sandbox, setup, services."""

import asyncio
import os
from contextlib import AsyncExitStack
from functools import partial

from metarr_chassis.background import cancellable, running
from metarr_contracts.permissions import SERVICES
from metarr_local import web_key
from metarr_local.bus import holds_films
from metarr_local.console import Console
from metarr_local.demo import import_demo_library
from metarr_local.embedded_nats import EmbeddedNats
from metarr_local.embedded_postgres import READER, WRITER, EmbeddedPostgres
from metarr_local.errors import LocalError, PortTakenError
from metarr_local.folder_lock import folder_lock
from metarr_local.keeper import Keeper
from metarr_local.nats_keeper import keep_storing
from metarr_local.nats_users import nats_passwords
from metarr_local.plan import (
    HEALTH_SERVED,
    Addresses,
    ServicePlan,
    asked_health_ports,
    clashes,
    ready_block,
    service_plans,
    wanted_ports,
    web_url,
)
from metarr_local.ports import LOOPBACK, free_port, is_free
from metarr_local.secret_files import read_secret
from metarr_local.service_process import ServiceProcess, listens, says_ready
from metarr_local.settings import RunSettings
from metarr_local.setup_step import set_up
from metarr_local.ui import built_ui
from metarr_local.waiting import comes_true

# What a killed run leaves behind is told by the kernel to end and needs a moment for it.
PORT_PATIENCE_SECONDS = 2.0


async def run_stack(settings: RunSettings, keeper: Keeper, console: Console) -> None:
    """Start everything, say so, go on until cancelled, stop it. Raises LocalError when something cannot start."""
    settings.folder.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(folder_lock(settings.data_dir.absolute(), "another `metarr run`"))
        await _require_ports(settings)
        addresses = await _foundations(settings, keeper, console, stack)
        console.say("Setting up streams and tables ...")
        ca_file = settings.nats_ca_file
        databases = (addresses.database_url, addresses.database_writer_url, addresses.database_reader_url)
        await cancellable(set_up(addresses.nats_url, *databases, demo=settings.demo, ca_file=ca_file))
        first_demo = settings.demo and not await cancellable(holds_films(addresses.nats_url, ca_file))
        console.say("Starting the services ...")
        plans = service_plans(settings, addresses, os.environ)
        await stack.enter_async_context(keeper.keep(*(_service(plan, console) for plan in plans)))
        if first_demo:
            await _fill(settings, console)
        console.plain(ready_block(settings, addresses))
        await asyncio.get_running_loop().create_future()


async def _require_ports(settings: RunSettings) -> None:
    ports = wanted_ports(settings)
    sentences = list(clashes(ports))

    async def all_free() -> bool:
        return all(is_free(wanted.port, wanted.host) for wanted in ports)

    if not sentences and not await comes_true(all_free, PORT_PATIENCE_SECONDS):
        sentences = [
            str(PortTakenError(wanted.port, wanted.wanted_by, wanted.setting))
            for wanted in ports
            if not is_free(wanted.port, wanted.host)
        ]
    if sentences:
        raise LocalError("\n".join(sentences))


async def _foundations(settings: RunSettings, keeper: Keeper, console: Console, stack: AsyncExitStack) -> Addresses:
    """Start what the services stand on, except where an address was given."""
    nats_url, database_url, sandbox_url = settings.nats_url, settings.database_url, None
    service_nats_urls: dict[str, str] = {}
    writer_url, reader_url = settings.database_writer_url, settings.database_reader_url
    if not settings.bus_is_given:
        console.say("Starting NATS ...")
        bus = EmbeddedNats(settings.folder / "nats", settings.nats_port, nats_passwords(settings.data_dir))
        await stack.enter_async_context(keeper.keep(bus))
        await stack.enter_async_context(running(keep_storing(bus, keeper, console.say)))
        nats_url, service_nats_urls = bus.url, {user.name: bus.url_of(user.name) for user in SERVICES}
    if database_url is None:
        console.say("Starting PostgreSQL ...")
        database = EmbeddedPostgres(settings.folder / "postgres", settings.postgres_port)
        await stack.enter_async_context(keeper.keep(database))
        database_url = database.url
        writer_url = database.url_of(WRITER, read_secret(settings.data_dir, "postgres-writer"))
        reader_url = database.url_of(READER, read_secret(settings.data_dir, "postgres-reader"))
    if settings.demo:
        console.say("Starting the provider sandbox ...")
        await stack.enter_async_context(keeper.keep(_sandbox(settings.sandbox_port, console)))
        sandbox_url = f"http://{LOOPBACK}:{settings.sandbox_port}"
    health_ports = asked_health_ports(settings) or {
        name: free_port(besides=settings.http_port) for name in HEALTH_SERVED
    }
    return Addresses(
        nats_url,
        database_url,
        sandbox_url,
        health_ports,
        settings.ui_dir or built_ui(),
        database_writer_url=writer_url,
        database_reader_url=reader_url,
        api_key_file=web_key.made(settings),
        service_nats_urls=service_nats_urls,
    )


def _service(plan: ServicePlan, console: Console) -> ServiceProcess:
    return ServiceProcess(
        plan.name,
        (plan.module,),
        plan.environment,
        partial(says_ready, plan.ready_url),
        partial(console.line, plan.name),
    )


def _sandbox(port: int, console: Console) -> ServiceProcess:
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    arguments = ("metarr_sandbox", "--port", str(port))
    return ServiceProcess(
        "sandbox", arguments, environment, partial(listens, LOOPBACK, port), partial(console.line, "sandbox")
    )


async def _fill(settings: RunSettings, console: Console) -> None:
    """Put the demo library in. A demo without films is still one, so nothing ends when that fails."""
    try:
        url = web_url(settings.http_host, settings.http_port)
        added = await import_demo_library(url, web_key.sent_to(url, settings))
    except (LocalError, OSError) as error:
        console.say(f"The demo library could not be imported: {error}")
    else:
        console.say(f"Demo library: {added} films added.")
