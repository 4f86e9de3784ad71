"""The `metarr` command."""

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from metarr_chassis.setting_errors import WrongSettingsError
from metarr_chassis.settings import REFUSED_EXIT_CODE, load_settings
from metarr_contracts.permissions import USERS
from metarr_local import web_key
from metarr_local.backup import back_up
from metarr_local.backup_folder import Told
from metarr_local.backup_manifest import Manifest, contents
from metarr_local.bus import rebuild
from metarr_local.bus_at_hand import bus_at_hand
from metarr_local.errors import LocalError, NoDataError, reason
from metarr_local.import_report import counts_line, ignored_line, rows_table
from metarr_local.importing import NAMES, content_type, import_films
from metarr_local.nats_users import bus_url
from metarr_local.plan import web_url
from metarr_local.restore import restore
from metarr_local.run import run
from metarr_local.settings import BackupSettings, ClientSettings, SetupSettings, WebSettings
from metarr_local.settings_check import checked_settings
from metarr_local.setup_step import set_up
from metarr_local.sizes import in_words

EXAMPLE_URL = "http://127.0.0.1:3000"


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out the command; return its exit code (0 done, 1 failed, 2 refused arguments or settings)."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.command(options)
    except (LocalError, OSError) as error:
        sys.stderr.write(f"metarr: {reason(error)}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="metarr", description="Fills the gaps in the metadata of a film library.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("run", help="start everything on this machine; Ctrl-C ends it")
    command.add_argument("--data", type=Path, metavar="DIR", help="where everything is stored (METARR_DATA_DIR)")
    command.add_argument("--port", type=_port, help="port of the web server (METARR_HTTP_PORT)")
    command.set_defaults(command=_run)

    command = commands.add_parser("setup", help="bring a bus and a database that run elsewhere to this version")
    command.set_defaults(command=_setup)

    command = commands.add_parser("import", help="add the films of a file: CSV, JSON or NDJSON")
    command.add_argument("file", type=Path, metavar="FILE", help=f"a list of films, {NAMES}")
    command.add_argument(
        "--url", type=_url, help=f"address of the running Metarr ({EXAMPLE_URL}, or METARR_HTTP_HOST and _PORT)"
    )
    command.set_defaults(command=_import)

    command = commands.add_parser("api-key", help="print the key of the web server, made if there is none yet")
    command.add_argument("--data", type=Path, metavar="DIR", help="where everything is stored (METARR_DATA_DIR)")
    command.add_argument("--rotate", action="store_true", help="replace it first: all sessions end")
    command.set_defaults(command=_api_key)

    command = commands.add_parser("rebuild", help="build the read models again from the events")
    command.set_defaults(command=_rebuild)

    command = commands.add_parser("nats-url", help="print the address of the bus for the nats client, with a password")
    users = [user.name for user in USERS]
    command.add_argument("--user", choices=users, default="operator", help=f"one of {', '.join(users)} (operator)")
    command.set_defaults(command=_nats_url)

    command = commands.add_parser("backup", help="copy everything that Metarr knows into a new folder, while it runs")
    command.add_argument("folder", type=Path, metavar="DIR", help="where the copy is made; it is not there yet")
    command.set_defaults(command=_backup)

    command = commands.add_parser("restore", help="make the bus what it was when a backup was taken")
    command.add_argument("folder", type=Path, metavar="DIR", help="a copy that `metarr backup` has made")
    command.add_argument("--replace", action="store_true", help="remove the Metarr that is on the bus, for good")
    command.set_defaults(command=_restore)
    return parser


def _port(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 65535:  # noqa: PLR2004 - what a port can be
        return int(text)
    raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, and not {text!r}")


def _url(text: str) -> str:
    with contextlib.suppress(ValueError):
        parts = urlsplit(text)
        whole = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        if whole and not (parts.path.strip("/") or parts.query or parts.fragment):
            return f"{parts.scheme}://{parts.netloc}"
    raise argparse.ArgumentTypeError(f"{text!r} is not an address such as {EXAMPLE_URL}")


def _web_url() -> str:
    """Where `metarr run` listens with the same environment."""
    settings = load_settings(WebSettings)
    return web_url(settings.http_host, settings.http_port)


def _run(options: argparse.Namespace) -> int:
    arguments = {"data_dir": options.data, "http_port": options.port}
    try:
        settings = checked_settings(os.environ, {name: value for name, value in arguments.items() if value is not None})
    except WrongSettingsError as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED_EXIT_CODE
    return run(settings)


def _setup(_options: argparse.Namespace) -> int:
    settings = load_settings(SetupSettings)
    asyncio.run(
        set_up(
            bus_url(settings, "setup"),
            settings.database_url,
            settings.database_writer_url,
            settings.database_reader_url,
            demo=settings.demo,
            replicas=settings.replicas,
            ca_file=settings.nats_ca_file,
        )
    )
    sys.stdout.write(f"Set up for {'demo' if settings.demo else 'real'} data.\n")
    return 0


def _import(options: argparse.Namespace) -> int:
    kind = content_type(options.file)
    url = options.url or _web_url()
    key = web_key.sent_to(url, load_settings(WebSettings))
    with _line_shown() as show:
        outcome = asyncio.run(
            import_films(url, options.file.read_bytes(), kind, lambda done, total: show(f"{done} of {total} rows"), key)
        )
    sys.stdout.write(f"{counts_line(outcome.counts)}\n")
    for part in (ignored_line(outcome.ignored_columns), rows_table(outcome.rows)):
        if part:
            sys.stdout.write(f"{part}\n")
    return 1 if outcome.counts.rejected or outcome.counts.conflict else 0


def _api_key(options: argparse.Namespace) -> int:
    settings = load_settings(WebSettings)
    if options.data is not None:
        settings = settings.model_copy(update={"data_dir": options.data})
    sys.stdout.write(f"{web_key.replaced(settings) if options.rotate else web_key.shown(settings)}\n")
    return 0


def _rebuild(_options: argparse.Namespace) -> int:
    settings = load_settings(ClientSettings)
    events, seconds = asyncio.run(rebuild(bus_url(settings, "operator"), settings.nats_ca_file))
    sys.stdout.write(f"Rebuilt from {events} events in {seconds:.1f} s.\n")
    return 0


def _nats_url(options: argparse.Namespace) -> int:
    sys.stdout.write(f"{bus_url(load_settings(ClientSettings), options.user)}\n")
    return 0


def _backup(options: argparse.Namespace) -> int:
    settings = load_settings(BackupSettings)
    if not (settings.bus_is_given or settings.data_dir.is_dir()):
        raise NoDataError(settings.data_dir.absolute())

    async def work() -> Manifest:
        async with bus_at_hand(settings) as url:
            with _bytes_shown() as told:
                return await back_up(url, options.folder, told, settings.nats_ca_file)

    sys.stdout.write(f"{options.folder} holds {contents(asyncio.run(work()))}.\n")
    return 0


def _restore(options: argparse.Namespace) -> int:
    settings = load_settings(BackupSettings)

    async def work() -> Manifest:
        async with bus_at_hand(settings) as url:
            with _bytes_shown() as told:
                return await restore(
                    url,
                    options.folder,
                    told,
                    demo=settings.demo,
                    replicas=settings.replicas,
                    replace=options.replace,
                    ca_file=settings.nats_ca_file,
                )

    sys.stdout.write(f"Restored {contents(asyncio.run(work()))}.\n")
    return 0


@contextlib.contextmanager
def _bytes_shown() -> Iterator[Told]:
    """How much of what is done, while it is."""
    with _line_shown() as show:
        yield lambda what, done: show(f"{what}: {in_words(done)}")


@contextlib.contextmanager
def _line_shown() -> Iterator[Callable[[str], None]]:
    """On a terminal one line that is written over, and is gone at the end; elsewhere nothing."""

    def show(text: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()

    try:
        yield show
    finally:
        show("")


if __name__ == "__main__":
    sys.exit(main())
