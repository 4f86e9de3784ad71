"""The order in which everything is started, and therefore stopped: bus, database, sandbox, setup, services."""

import asyncio
import os
from contextlib import AsyncExitStack
from functools import partial

from metarr_chassis.background import cancellable
from metarr_local.bus import holds_films
from metarr_local.console import Console
from metarr_local.demo import import_demo_library
from metarr_local.embedded_nats import EmbeddedNats
from metarr_local.embedded_postgres import EmbeddedPostgres
from metarr_local.errors import LocalError, PortTakenError
from metarr_local.folder_lock import folder_lock
from metarr_local.keeper import Keeper
from metarr_local.plan import (
    HEALTH_SERVED,
    Addresses,
    ServicePlan,
    clashes,
    ready_block,
    service_plans,
    wanted_ports,
    web_url,
)
from metarr_local.ports import LOOPBACK, free_port, is_free
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
        await cancellable(set_up(addresses.nats_url, addresses.database_url, demo=settings.demo))
        first_demo = settings.demo and not await cancellable(holds_films(addresses.nats_url))
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
    if not settings.bus_is_given:
        console.say("Starting NATS ...")
        bus = EmbeddedNats(settings.folder / "nats", settings.nats_port)
        await stack.enter_async_context(keeper.keep(bus))
        nats_url = bus.url
    if database_url is None:
        console.say("Starting PostgreSQL ...")
        database = EmbeddedPostgres(settings.folder / "postgres", settings.postgres_port)
        await stack.enter_async_context(keeper.keep(database))
        database_url = database.url
    if settings.demo:
        console.say("Starting the provider sandbox ...")
        await stack.enter_async_context(keeper.keep(_sandbox(settings.sandbox_port, console)))
        sandbox_url = f"http://{LOOPBACK}:{settings.sandbox_port}"
    health_ports = {name: free_port() for name in HEALTH_SERVED}
    return Addresses(nats_url, database_url, sandbox_url, health_ports, settings.ui_dir or built_ui())


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
        added = await import_demo_library(web_url(settings.http_host, settings.http_port))
    except LocalError as error:
        console.say(f"The demo library could not be imported: {error}")
    else:
        console.say(f"Demo library: {added} films.")
