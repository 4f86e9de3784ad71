"""Sessions: a cookie that only who has the key can make, for a while."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from itsdangerous.encoding import base64_decode, bytes_to_int

from metarr_gateway import sessions
from metarr_gateway.api_key import ApiKey

KEY = ApiKey(b"iuR0Ju3Zl2cYBf0vLqk7h1sXoPz9WmTnDeGa4b8C")
OTHER = ApiKey(b"another-key-another-key-another-key")


def begun(cookie: str) -> datetime:
    """When a session began, as its cookie says it."""
    _, seconds, _ = cookie.split(".")
    return datetime.fromtimestamp(bytes_to_int(base64_decode(seconds)), UTC)


@given(st.timedeltas(-sessions.CLOCKS_APART, sessions.LASTING))
def test_it_lasts_thirty_days(age: timedelta) -> None:
    """From now on, by any gateway's clock, as far as it may be behind."""
    before, cookie, after = datetime.now(UTC), sessions.begin(KEY), datetime.now(UTC)
    assert before.replace(microsecond=0) <= begun(cookie) <= after
    assert sessions.is_valid(cookie, KEY, begun(cookie) + age)


@given(
    st.timedeltas(sessions.LASTING + timedelta.resolution, timedelta(days=36500))
    | st.timedeltas(-timedelta(days=18000), -sessions.CLOCKS_APART - timedelta.resolution)
)
def test_it_is_over_then(age: timedelta) -> None:
    """Also where a clock was wrong by years: what begins in the future would last as much longer."""
    cookie = sessions.begin(KEY)
    assert not sessions.is_valid(cookie, KEY, begun(cookie) + age)


def test_another_key_ends_it() -> None:
    """Nothing else is kept of it anywhere."""
    assert not sessions.is_valid(sessions.begin(KEY), OTHER, datetime.now(UTC))


@given(st.text())
def test_nobody_makes_one_up(text: str) -> None:
    """Whatever is sent as a cookie is judged and never an error."""
    assert not sessions.is_valid(text, KEY, datetime.now(UTC))


@given(st.data())
def test_nothing_of_it_can_be_changed(data: st.DataObject) -> None:
    """Neither its beginning nor its signature; a character may stand for the same bits, so a whole part is replaced."""
    parts = sessions.begin(KEY).split(".")
    at = data.draw(st.integers(0, len(parts) - 1))
    changed = data.draw(st.text("abcXYZ019-_").filter(lambda part: part != parts[at]))
    assert not sessions.is_valid(".".join([*parts[:at], changed, *parts[at + 1 :]]), KEY, datetime.now(UTC))


def test_the_key_is_not_in_it() -> None:
    """Nor anything but a time and a signature."""
    version, begun, signature = sessions.begin(KEY).split(".")
    assert (version, len(begun), len(signature)) == ("1", 6, 43)
