"""Where `metarr import` sends a list."""

from pathlib import Path

import pytest

from metarr_contracts.events import ImportCounts
from metarr_local import cli
from metarr_local.importing import Outcome, Progress


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses to which lists were sent."""
    addresses: list[str] = []

    async def import_films(url: str, _body: bytes, _kind: str, _progress: Progress) -> Outcome:
        addresses.append(url)
        return Outcome(ImportCounts(added=0, unchanged=0, conflict=0, rejected=0), ())

    monkeypatch.setattr(cli, "import_films", import_films)
    monkeypatch.delenv("METARR_HTTP_HOST", raising=False)
    monkeypatch.delenv("METARR_HTTP_PORT", raising=False)
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
