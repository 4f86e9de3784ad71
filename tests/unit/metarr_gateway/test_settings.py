"""What the gateway is told by its environment."""

from pathlib import Path

import pytest

from metarr_chassis.setting_errors import WrongSettingsError
from metarr_chassis.settings import read_settings
from metarr_gateway.settings import GatewaySettings


def test_there_may_be_no_ui() -> None:
    """The API is served alone where no folder is named."""
    assert read_settings(GatewaySettings, {}).ui_dir is None


def test_a_folder_with_the_page_is_taken(tmp_path: Path) -> None:
    """A built UI has a page."""
    (tmp_path / "index.html").touch()
    assert read_settings(GatewaySettings, {"METARR_UI_DIR": str(tmp_path)}).ui_dir == tmp_path


@pytest.mark.parametrize("folder", ["", "missing"])
def test_a_folder_without_the_page_is_refused(tmp_path: Path, folder: str) -> None:
    """Named together with all else that is wrong, and with what was found."""
    given = tmp_path / folder
    with pytest.raises(WrongSettingsError) as caught:
        read_settings(GatewaySettings, {"METARR_UI_DIR": str(given), "METARR_HTTP_PORT": "x"})
    assert len(caught.value.lines) == 2
    assert f'METARR_UI_DIR: expected a folder with index.html in it; found "{given}"' in caught.value.lines


KEY = "iuR0Ju3Zl2cYBf0vLqk7h1sXoPz9WmTnDeGa4b8C"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing is bound


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "192.168.0.7", "nas.local"])
def test_where_others_reach_it_there_has_to_be_a_key(tmp_path: Path, host: str) -> None:
    """The sentence names both settings; with a key it is nothing wrong."""
    with pytest.raises(WrongSettingsError) as caught:
        read_settings(GatewaySettings, {"METARR_HTTP_HOST": host})
    (line,) = caught.value.lines
    assert line.startswith(f"settings: METARR_HTTP_HOST ({host}) can be reached from other machines")
    assert "METARR_API_KEY_FILE" in line
    (tmp_path / "key").write_text(f"{KEY}\n")
    given = {"METARR_HTTP_HOST": host, "METARR_API_KEY_FILE": str(tmp_path / "key")}
    assert read_settings(GatewaySettings, given).api_key_file == tmp_path / "key"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_where_nobody_else_reaches_it_there_may_be_none(host: str) -> None:
    """What only this machine reaches is its user's."""
    assert read_settings(GatewaySettings, {"METARR_HTTP_HOST": host}).api_key_file is None


@pytest.mark.parametrize("content", [None, "", "short", "secret but with spaces in it", f"{KEY}\n{KEY}"])
def test_a_file_without_a_key_is_refused(tmp_path: Path, content: str | None) -> None:
    """With the path, and never with what is in it."""
    file = tmp_path / "key"
    if content is not None:
        file.write_text(content)
    with pytest.raises(WrongSettingsError) as caught:
        read_settings(GatewaySettings, {"METARR_HTTP_HOST": EVERYWHERE, "METARR_API_KEY_FILE": str(file)})
    (line,) = caught.value.lines
    why = "cannot be read: No such file or directory" if content is None else "expected a key of 20 to 200"
    assert line.startswith(f"METARR_API_KEY_FILE: {why}")
    assert line.endswith(f'; found "{file}"')
    assert not content or content not in line


def test_hosts_are_a_list() -> None:
    """Separated by commas, as people write them; not given is not the same as none."""
    assert read_settings(GatewaySettings, {}).allowed_hosts is None
    given = {"METARR_ALLOWED_HOSTS": "Metarr.example, nas"}
    assert read_settings(GatewaySettings, given).allowed_hosts == frozenset({"metarr.example", "nas"})
    with pytest.raises(WrongSettingsError) as caught:
        read_settings(GatewaySettings, {"METARR_ALLOWED_HOSTS": "metarr.example:3000"})
    expected = "expected names of hosts, without ports, separated by commas"
    assert caught.value.lines == (f'METARR_ALLOWED_HOSTS: {expected}; found "metarr.example:3000"',)


def test_proxies_are_networks_or_addresses() -> None:
    """Separated by commas; nobody is trusted who is not named."""
    assert read_settings(GatewaySettings, {}).trusted_proxies == ()
    told = read_settings(GatewaySettings, {"METARR_TRUSTED_PROXIES": "10.0.0.0/8, 192.168.1.1,fd00::/8"})
    assert [str(network) for network in told.trusted_proxies] == ["10.0.0.0/8", "192.168.1.1/32", "fd00::/8"]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("METARR_TRUSTED_PROXIES", "proxy.example"),
        ("METARR_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("METARR_REQUESTS_PER_SECOND", "0"),
        ("METARR_REQUESTS_PER_SECOND", "inf"),
        ("METARR_REQUESTS_PER_SECOND", "nan"),
        ("METARR_CONNECTIONS_PER_CLIENT", "0"),
    ],
)
def test_wrong_limits_are_refused(name: str, wrong: str) -> None:
    """With the name of the setting."""
    with pytest.raises(WrongSettingsError, match=name):
        read_settings(GatewaySettings, {name: wrong})
