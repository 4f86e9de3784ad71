"""Where `metarr import` sends a list, with which key, and how that is shown and replaced."""

from pathlib import Path

import pytest

from metarr_contracts.events import ImportCounts
from metarr_local import cli
from metarr_local.importing import Outcome, Progress


@pytest.fixture
def keys() -> list[str | None]:
    """The keys that were sent along."""
    return []


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, keys: list[str | None]) -> list[str]:
    """The addresses to which lists were sent."""
    addresses: list[str] = []

    async def import_films(url: str, _body: bytes, _kind: str, _progress: Progress, key: str | None) -> Outcome:
        keys.append(key)
        addresses.append(url)
        return Outcome(ImportCounts(added=0, unchanged=0, conflict=0, rejected=0), ())

    monkeypatch.setattr(cli, "import_films", import_films)
    monkeypatch.delenv("METARR_HTTP_HOST", raising=False)
    monkeypatch.delenv("METARR_HTTP_PORT", raising=False)
    monkeypatch.delenv("METARR_API_KEY_FILE", raising=False)
    monkeypatch.setenv("METARR_DATA_DIR", str(tmp_path))
    return addresses


@pytest.fixture
def films(tmp_path: Path) -> str:
    """A list."""
    file = tmp_path / "films.csv"
    file.write_text("title\nHeat\n")
    return str(file)


def test_the_environment_of_the_web_server_tells_its_address(
    monkeypatch: pytest.MonkeyPatch, asked: list[str], films: str
) -> None:
    """What moves the server moves the import with it; a server on all addresses is called on this machine."""
    cli.main(["import", films])
    monkeypatch.setenv("METARR_HTTP_PORT", "8080")
    cli.main(["import", films])
    monkeypatch.setenv("METARR_HTTP_HOST", "0.0.0.0")  # noqa: S104 - nothing is bound
    cli.main(["import", films])
    cli.main(["import", films, "--url", "https://films.example/"])
    assert asked == [
        "http://127.0.0.1:3000",
        "http://127.0.0.1:8080",
        "http://127.0.0.1:8080",
        "https://films.example",
    ]


@pytest.mark.parametrize(
    "url", ["foo", "", "localhost:3000", "ftp://a", "http://", "http://a:b", "http://a:99999", "http://a/b"]
)
def test_what_is_no_address_is_refused(
    url: str, asked: list[str], films: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is sent, with an address as it should be."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["import", films, "--url", url])
    assert ended.value.code == 2
    assert f"{url!r} is not an address such as http://127.0.0.1:3000" in capsys.readouterr().err
    assert asked == []


@pytest.mark.usefixtures("asked")
def test_the_key_of_this_machine_is_sent_to_this_machine_alone(
    monkeypatch: pytest.MonkeyPatch, keys: list[str | None], films: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever answers elsewhere would have it; a file that is named is meant for whomever is called."""
    cli.main(["import", films])
    assert keys.pop() is None
    cli.main(["api-key"])
    key = capsys.readouterr().out.splitlines()[-1]
    for url in ("http://127.0.0.1:3100", "http://localhost:3000", "http://[::1]:3000"):
        cli.main(["import", films, "--url", url])
        assert keys.pop() == key
    cli.main(["import", films, "--url", "https://films.example"])
    assert keys.pop() is None
    named = Path(films).with_name("named")
    named.write_text("the-key-of-another-server\n")
    monkeypatch.setenv("METARR_API_KEY_FILE", str(named))
    cli.main(["import", films, "--url", "https://films.example"])
    assert keys.pop() == "the-key-of-another-server"


@pytest.mark.usefixtures("asked")
def test_the_key_is_shown_and_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is made when it is first asked for; the new one is another, and is what is shown from then on."""

    def told(*arguments: str) -> str:
        assert cli.main(["api-key", *arguments]) == 0
        return capsys.readouterr().out

    first = told()
    assert first == told() == (tmp_path / "secrets" / "api-key").read_text()
    second = told("--rotate")
    assert second != first
    assert second == told() == (tmp_path / "secrets" / "api-key").read_text()
    other = tmp_path / "other"
    other.mkdir()
    assert told("--data", str(other)) not in {first, second}


@pytest.mark.usefixtures("asked")
def test_a_key_of_somebody_else_is_shown_but_not_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who names a file keeps it; nothing is made beside it."""
    named = tmp_path / "named"
    named.write_text("the-key-of-another-server\n")
    monkeypatch.setenv("METARR_API_KEY_FILE", str(named))
    assert cli.main(["api-key"]) == 0
    assert capsys.readouterr().out == "the-key-of-another-server\n"
    assert cli.main(["api-key", "--rotate"]) == 1
    assert f"{named} is named by METARR_API_KEY_FILE" in capsys.readouterr().err
    assert named.read_text() == "the-key-of-another-server\n"
    assert not (tmp_path / "secrets").exists()


@pytest.mark.parametrize(
    "command", [["nats-url"], ["rebuild"], ["backup", "copy"], ["api-key"], ["api-key", "--rotate"]], ids=" ".join
)
def test_in_a_folder_without_a_metarr_nothing_is_made(
    command: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A password or a key that was made there would be that of no server; the folder that was looked in is named."""
    for name in ("METARR_DATA_DIR", "METARR_NATS_URL", "METARR_API_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    assert cli.main(command) == 1
    assert f"There is no Metarr in {tmp_path / 'data'}" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", ""])
def test_what_is_no_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With what a port can be, and what was found."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", f"--port={port}"])
    assert ended.value.code == 2
    assert f"a port is a number from 1 to 65535, and not {port!r}" in capsys.readouterr().err
