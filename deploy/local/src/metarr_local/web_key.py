"""The key of the web server on this machine: where it is, who is handed it, how it is replaced."""

from pathlib import Path
from urllib.parse import urlsplit

from metarr_gateway.hosts import is_loopback
from metarr_local.errors import LocalError, NoDataError
from metarr_local.plan import web_url
from metarr_local.secret_files import read_secret, replace_secret, secret_file
from metarr_local.settings import WebSettings

NAME = "api-key"


def asked_for(settings: WebSettings) -> Path | None:
    """The file with the key that `metarr run` has the web server ask for; it may have to be made still.

    None: on a loopback address a key is only asked for where there is one.
    """
    if settings.api_key_file is not None:
        return settings.api_key_file.absolute()
    file = secret_file(settings.data_dir, NAME)
    return file if file.exists() or not is_loopback(settings.http_host) else None


def made(settings: WebSettings) -> Path | None:
    """The same file, which is there now."""
    file = asked_for(settings)
    if file is not None and settings.api_key_file is None:
        read_secret(settings.data_dir, NAME)
    return file


def shown(settings: WebSettings) -> str:
    """The key; ours is made where there is none yet. Raises NoDataError and OSError."""
    if settings.api_key_file is not None:
        return _content(settings.api_key_file)
    _require_folder(settings)
    return read_secret(settings.data_dir, NAME)


def replaced(settings: WebSettings) -> str:
    """A new key in the place of ours, which a web server that runs follows. Raises LocalError and OSError."""
    if settings.api_key_file is not None:
        raise LocalError(f"{settings.api_key_file} is named by METARR_API_KEY_FILE: put another key there yourself.")
    _require_folder(settings)
    return replace_secret(settings.data_dir, NAME)


def sent_to(url: str, settings: WebSettings) -> str | None:
    """The key for a Metarr at this address: that of the named file, else ours if it is this machine's. Raises OSError.

    Ours is never sent elsewhere: whoever answers there would have it.
    """
    if settings.api_key_file is not None:
        return _content(settings.api_key_file)
    file = secret_file(settings.data_dir, NAME)
    ours = url == web_url(settings.http_host, settings.http_port) or is_loopback(urlsplit(url).hostname or "")
    return _content(file) if ours and file.exists() else None


def _require_folder(settings: WebSettings) -> None:
    """In a folder that is made for it the key would be that of nobody. Raises NoDataError."""
    if not settings.data_dir.is_dir():
        raise NoDataError(settings.data_dir.absolute())


def _content(file: Path) -> str:
    return file.read_text(encoding="utf-8").strip()
