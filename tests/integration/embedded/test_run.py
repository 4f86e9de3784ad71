"""`metarr run` as a black box: real NATS and PostgreSQL, and services that do what the test wants."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import nats
import nats.errors
import nats.js.errors
import pytest
from nats.aio.client import Client
from tests.faults.harness.disks import NO_RIGHT, small_disks

from metarr_contracts import streams, subjects
from metarr_local.embedded_nats import embedded_url
from metarr_local.folder_lock import folder_lock
from metarr_local.nats_users import nats_passwords
from metarr_local.ports import free_port
from metarr_local.waiting import comes_true

SECONDS = 120
SERVICE = """
import http.server, json, os, pathlib, signal, sys, threading

name = pathlib.Path(__file__).parent.name.removeprefix("metarr_")
mode = os.environ.get(f"FAKE_{name.upper()}")
print(f"pid={os.getpid()}")
if mode == "refuse":
    print("METARR_EXAMPLE: is wrong", file=sys.stderr)
    sys.exit(2)
signal.signal(signal.SIGTERM, signal.SIG_IGN if mode == "stubborn" else lambda *_: os._exit(0))


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({})

    def do_POST(self):
        rows = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        print(f"import of {len(rows)}")
        counts = {"added": len(rows), "unchanged": 0, "conflict": 0, "rejected": 0}
        self.answer({"success": True, "data": counts | {"rows": [], "seq": 1}})

    def answer(self, body):
        body = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if name == "gateway":
    web = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["METARR_HTTP_PORT"])), Handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
port = os.environ.get("METARR_HEALTH_PORT") or sys.argv[2]
http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
"""
PACKAGE = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
"""What is not faked, such as the settings, comes from the real package."""
SCHEMA = "async def migrate(*urls): pass\n"
CATALOG = "def demo_library(): return [{'title': 'Alien', 'year': 1979}]\n"
METARR = ("-m", "metarr_local.cli")
PATIENT = (
    "-c",
    "from metarr_local import cli, service_process; service_process.STOP_SECONDS = 3_600; raise SystemExit(cli.main())",
)
"""One that would give its services an hour to end."""
SERVICES = ("gateway", "enricher", "scheduler", "projector", "sandbox")


class Run:
    """A running `metarr run` and what it has written so far."""

    def __init__(
        self,
        folder: Path,
        environment: dict[str, str],
        *arguments: str,
        program: tuple[str, str] = METARR,
        ignore: int | None = None,
    ) -> None:
        self.log = folder / "run.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, *program, "run", "--data", str(folder / "data"), *arguments],
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=partial(signal.signal, ignore, signal.SIG_IGN) if ignore else None,  # noqa: PLW1509 - no threads
            )

    async def is_ready(self) -> None:
        """Wait until it has said that it is, and each service who it is."""
        for pattern in ("Metarr is ready", *(rf"{name} +\| pid=\d+" for name in SERVICES)):
            await self.until(pattern)

    @property
    def text(self) -> str:
        """What it has written so far."""
        return self.log.read_text()

    async def until(self, pattern: str) -> re.Match[str]:
        """Wait until the pattern is on the console."""
        assert await comes_true(lambda: self._seen(pattern), SECONDS), f"no {pattern!r} in:\n{self.text}"
        found = re.search(pattern, self.text)
        assert found
        return found

    async def ended(self) -> int:
        """Wait until it has ended; return the exit code."""
        return await asyncio.to_thread(self.process.wait, SECONDS)

    def pid(self, name: str) -> int:
        """The process id of the latest run of a service."""
        return int(re.findall(rf"{name} +\| pid=(\d+)", self.text)[-1])

    def pids(self) -> list[int]:
        """The process ids of all services there have been."""
        return [int(pid) for pid in re.findall(r"pid=(\d+)", self.text)]

    async def _seen(self, pattern: str) -> bool:
        return bool(re.search(pattern, self.text)) or self.process.poll() is not None


Starter = Callable[..., Run]


@pytest.fixture
def environment(server_folder: Path) -> dict[str, str]:
    """Services of ours in front of the real ones, and ports that are free."""
    for name in SERVICES:
        package = server_folder / "fakes" / f"metarr_{name}"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(PACKAGE)
        (package / "__main__.py").write_text(SERVICE)
    (server_folder / "fakes" / "metarr_projector" / "schema.py").write_text(SCHEMA)
    (server_folder / "fakes" / "metarr_sandbox" / "catalog.py").write_text(CATALOG)
    ports = {f"METARR_{name}_PORT": str(free_port()) for name in ("HTTP", "NATS", "POSTGRES", "SANDBOX")}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("METARR_")}
    path = os.pathsep.join(filter(None, (str(server_folder / "fakes"), inherited.get("PYTHONPATH"))))
    return inherited | ports | {"PYTHONPATH": path}


@pytest.fixture
def start(server_folder: Path, environment: dict[str, str]) -> Iterator[Starter]:
    """Starts `metarr run` with further variables and arguments; what still runs at the end is ended."""
    runs: list[Run] = []

    def starter(*arguments: str, program: tuple[str, str] = METARR, **variables: str) -> Run:
        runs.append(Run(server_folder, environment | variables, *arguments, program=program))
        return runs[-1]

    yield starter
    for run in runs:
        if run.process.poll() is None:
            run.process.send_signal(signal.SIGINT)
            run.process.wait(SECONDS)


@pytest.fixture
async def ready(start: Starter) -> Run:
    """A `metarr run` that has said that it is ready."""
    run = start()
    await run.is_ready()
    return run


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        # A zombie that its new parent has not collected yet is dead all the same.
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        # It has just gone, or this system shows nothing of its processes.
        return not Path("/proc/self/status").exists()


async def _nothing_left(run: Run, folder: Path) -> None:
    """No service lives, and neither server holds its folder."""

    async def all_dead() -> bool:
        return not any(map(_lives, run.pids()))

    assert await comes_true(all_dead, SECONDS)
    for server in ("nats", "postgres"):
        async with folder_lock(folder / "data" / "demo" / server, server, SECONDS):
            pass


async def test_ctrl_c_is_a_clean_end(ready: Run, server_folder: Path) -> None:
    """One Ctrl-C: exit code 0, no traceback, nothing left running."""
    ready.process.send_signal(signal.SIGINT)
    assert await ready.ended() == 0
    assert "Traceback" not in ready.text
    await _nothing_left(ready, server_folder)


async def test_the_demo_library_comes_in_once(
    ready: Run, start: Starter, environment: dict[str, str], server_folder: Path
) -> None:
    """An empty demo gets its films through the API; one that ever held a film is left as it is."""
    await ready.until("import of 1")
    assert "Demo library: 1 films added." in ready.text
    passwords = nats_passwords(server_folder / "data")
    bus = await nats.connect(embedded_url(int(environment["METARR_NATS_PORT"]), "setup", passwords))
    await bus.jetstream().publish(subjects.movie_event(1), b"{}")
    await bus.close()
    ready.process.send_signal(signal.SIGINT)
    await ready.ended()
    again = start()
    await again.until("Metarr is ready")
    assert "import of" not in again.text


async def test_keys_make_it_real(start: Starter, server_folder: Path) -> None:
    """With a key there is no sandbox, no demo library, and the data has a folder of its own."""
    run = start(METARR_TMDB_KEY="key")
    await run.until("Metarr is ready")
    assert "sandbox" not in run.text
    assert "import of" not in run.text
    assert (server_folder / "data" / "real" / "nats").is_dir()
    assert not (server_folder / "data" / "demo").exists()


async def test_a_crashed_service_comes_back(ready: Run) -> None:
    """The end and the new start are both on the console."""
    os.kill(ready.pid("enricher"), signal.SIGKILL)
    await ready.until("enricher was ended by SIGKILL; starting it again in 0.5 s")
    await ready.until("enricher is running again")


@pytest.mark.parametrize("name", ["nats", "postgres"])
async def test_a_crashed_server_comes_back(ready: Run, name: str, server_folder: Path) -> None:
    """The embedded servers are looked after like the services."""
    os.kill(_server_pid(server_folder / "data" / "demo" / name), signal.SIGKILL)
    await ready.until(f"{name} was ended by SIGKILL; starting it again")
    await ready.until(f"{name} is running again")


async def test_nats_stores_again_when_there_is_room(
    start: Starter, environment: dict[str, str], server_folder: Path
) -> None:
    """Given a full disk, when there is room again, then NATS alone is restarted, once: nothing is lost or doubled."""
    folder = server_folder / "data" / "demo" / "nats"
    async with small_disks({"nats": (folder / "jetstream", 96)}) as disks:
        if not disks:
            pytest.skip(NO_RIGHT)
        run = start()
        await run.is_ready()
        server, services = _server_pid(folder), run.pids()
        passwords = nats_passwords(server_folder / "data")
        bus = await nats.connect(embedded_url(int(environment["METARR_NATS_PORT"]), "setup", passwords))
        wanted = [f"event-{number}" for number in range(20)]
        accepted = await _append(bus, wanted[:5])
        assert len(accepted) == 5
        disks["nats"].fill()
        async with asyncio.timeout(SECONDS):
            while "NATS can store nothing" not in run.text:
                accepted |= await _append(bus, wanted[5:], patience=2)
        assert len(accepted) < len(wanted)
        await run.until("NATS can store nothing .no space left on device.: 0.0 MB free in .*/nats/jetstream")
        assert _server_pid(folder) == server
        disks["nats"].empty()
        await run.until("NATS could not store .no space left on device., and there is room now: .* Restarting it")
        await run.until("nats is running again")
        assert await comes_true(lambda: _connected(bus), SECONDS)
        appended = await _append(bus, wanted)
        assert list(appended) == wanted
        assert accepted.items() <= appended.items()
        assert await _stored(bus) == appended
        await bus.close()
        assert _server_pid(folder) != server
        assert run.pids() == services
        assert run.text.count("NATS can store nothing") == run.text.count("nats is running again") == 1
        assert "starting it again" not in run.text
        run.process.send_signal(signal.SIGINT)
        assert await run.ended() == 0


async def test_refused_settings_end_the_run(start: Starter, server_folder: Path) -> None:
    """A service with exit code 2 is not tried again: its message is there, the exit code is 2, nothing is left."""
    run = start(FAKE_ENRICHER="refuse")
    assert await run.ended() == 2
    assert re.search(r"enricher +\| METARR_EXAMPLE: is wrong", run.text)
    assert "Error: enricher does not start with these settings" in run.text
    assert "Traceback" not in run.text
    await _nothing_left(run, server_folder)


async def test_wrong_settings_of_all_services_are_named_before_anything_starts(
    start: Starter, server_folder: Path
) -> None:
    """One line for each, once, and nothing else; exit code 2."""
    run = start(METARR_SCHEDULE="61 * * * *", METARR_LOG_LEVEL="loud", METARR_CONCURRENCY="none")
    assert await run.ended() == 2
    lines = run.text.splitlines()
    assert len(lines) == 3
    assert 'METARR_LOG_LEVEL: expected one of debug, info, warning, error; found "loud"' in lines
    assert 'METARR_CONCURRENCY: expected a whole number from 2 to 512; found "none"' in lines
    assert [line for line in lines if line.startswith("METARR_SCHEDULE: ") and line.endswith('found "61 * * * *"')]
    assert not (server_folder / "data").exists()


async def test_a_second_ctrl_c_hastens(start: Starter, server_folder: Path) -> None:
    """A service that does not listen to SIGTERM is not waited for."""
    run = start(program=PATIENT, FAKE_SCHEDULER="stubborn")
    await run.until("Metarr is ready")
    run.process.send_signal(signal.SIGINT)
    await run.until("Stopping")
    run.process.send_signal(signal.SIGINT)
    assert await run.ended() == 0
    assert "Ending at once." in run.text
    assert "starting it again" not in run.text
    await _nothing_left(run, server_folder)


async def test_sigint_ends_what_a_script_has_started(environment: dict[str, str], server_folder: Path) -> None:
    """A shell without job control has its background processes ignore SIGINT; `metarr run` listens all the same."""
    run = Run(server_folder, environment, ignore=signal.SIGINT)
    await run.until("Metarr is ready")
    run.process.send_signal(signal.SIGINT)
    assert await run.ended() == 0
    await _nothing_left(run, server_folder)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent died")
async def test_nothing_survives_sigkill(ready: Run, server_folder: Path) -> None:
    """When `metarr run` is killed all it started ends too."""
    ready.process.kill()
    await ready.ended()
    await _nothing_left(ready, server_folder)


async def test_taken_ports_are_named_at_once(start: Starter, environment: dict[str, str], server_folder: Path) -> None:
    """Each with what wants it and its setting; exit code 1 and nothing was started."""
    with socket.socket() as web, socket.socket() as bus:
        for other, name in ((web, "HTTP"), (bus, "NATS")):
            # As servers do: connections of who listened there before may still be closing.
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(("127.0.0.1", int(environment[f"METARR_{name}_PORT"])))
            other.listen()
        run = start()
        assert await run.ended() == 1
    assert "the web server wants it. Choose another with METARR_HTTP_PORT (or --port)." in run.text
    assert "NATS wants it. Choose another with METARR_NATS_PORT." in run.text
    assert not list((server_folder / "data" / "demo").iterdir())


async def test_one_run_per_data_folder(ready: Run, environment: dict[str, str], server_folder: Path) -> None:
    """A second run on the same folder is refused and the first one goes on."""
    (server_folder / "other").mkdir()
    second = Run(server_folder / "other", environment, "--data", str(server_folder / "data"))
    assert await second.ended() == 1
    assert "is in use by another `metarr run`" in second.text
    assert ready.process.poll() is None


async def _connected(client: Client) -> bool:
    return client.is_connected


async def _append(client: Client, names: Iterable[str], patience: float = SECONDS) -> dict[str, int]:
    """Send events that the store takes once, up to the first that it does not take; return their places in it."""
    places: dict[str, int] = {}
    for name in names:
        try:
            headers = {"Nats-Msg-Id": name}
            answer = await client.jetstream().publish(
                subjects.movie_event(1), bytes(10_000), headers=headers, timeout=patience
            )
        except nats.errors.TimeoutError:
            break
        places[name] = answer.seq
    return places


async def _stored(client: Client) -> dict[str, int]:
    """The events that the store has, each with its place."""
    stream = client.jetstream(timeout=SECONDS)
    last = (await stream.stream_info(streams.EVENTS)).state.last_seq
    places: dict[str, int] = {}
    for seq in range(1, last + 1):
        # A place that was given to an event which could not be written stays empty.
        with contextlib.suppress(nats.js.errors.NotFoundError):
            headers = (await stream.get_msg(streams.EVENTS, seq)).headers or {}
            assert headers["Nats-Msg-Id"] not in places
            places[headers["Nats-Msg-Id"]] = seq
    return places


def _server_pid(folder: Path) -> int:
    """The process that runs in this folder, found by its working directory or its own record."""
    record = folder / "data" / "postmaster.pid"
    if record.exists():
        return int(record.read_text().split()[0])
    for process in Path("/proc").glob("[0-9]*"):
        # Others come and go.
        with contextlib.suppress(OSError):
            if f"--config\0{folder}" in (process / "cmdline").read_text(errors="replace"):
                return int(process.name)
    raise AssertionError(f"no server in {folder}")
