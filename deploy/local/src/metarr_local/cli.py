"""The `metarr` command."""

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from metarr_chassis.setting_errors import WrongSettingsError
from metarr_chassis.settings import REFUSED_EXIT_CODE, load_settings
from metarr_local.bus import rebuild
from metarr_local.errors import LocalError, reason
from metarr_local.import_report import counts_line, rows_table
from metarr_local.importing import content_type, import_films
from metarr_local.plan import web_url
from metarr_local.run import run
from metarr_local.settings import ClientSettings, SetupSettings, WebSettings
from metarr_local.settings_check import checked_settings
from metarr_local.setup_step import set_up

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

    command = commands.add_parser("import", help="add the films of a .csv, .json or .ndjson file")
    command.add_argument("file", type=Path, metavar="FILE")
    command.add_argument(
        "--url", type=_url, help=f"address of the running Metarr ({EXAMPLE_URL}, or METARR_HTTP_HOST and _PORT)"
    )
    command.set_defaults(command=_import)

    command = commands.add_parser("rebuild", help="build the read models again from the events")
    command.set_defaults(command=_rebuild)
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= 65535:  # noqa: PLR2004 - what a port can be
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return port


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
    asyncio.run(set_up(settings.bus_url, settings.database_url, demo=settings.demo))
    sys.stdout.write(f"Set up for {'demo' if settings.demo else 'real'} data.\n")
    return 0


def _import(options: argparse.Namespace) -> int:
    kind = content_type(options.file)
    url = options.url or _web_url()
    outcome = asyncio.run(import_films(url, options.file.read_bytes(), kind, _show_progress))
    sys.stdout.write(f"{counts_line(outcome.counts)}\n")
    if outcome.rows:
        sys.stdout.write(f"{rows_table(outcome.rows)}\n")
    return 1 if outcome.counts.rejected or outcome.counts.conflict else 0


def _show_progress(done: int, total: int) -> None:
    """On a terminal one line that counts up; elsewhere nothing."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done} of {total} rows{chr(10) if done == total else ''}")
        sys.stderr.flush()


def _rebuild(_options: argparse.Namespace) -> int:
    events, seconds = asyncio.run(rebuild(load_settings(ClientSettings).bus_url))
    sys.stdout.write(f"Rebuilt from {events} events in {seconds:.1f} s.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
