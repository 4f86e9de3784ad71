"""Sessions: a cookie that only who has the key can make, for a while."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from metarr_gateway import sessions
from metarr_gateway.api_key import ApiKey

KEY = ApiKey(b"iuR0Ju3Zl2cYBf0vLqk7h1sXoPz9WmTnDeGa4b8C")
OTHER = ApiKey(b"another-key-another-key-another-key")


def ages(least: timedelta, most: timedelta) -> st.SearchStrategy[timedelta]:
    """How long ago a session began; a second less than the limits, in which a test may take place."""
    second = timedelta(seconds=2)
    return st.timedeltas(least + second, most - second)


@given(ages(-sessions.CLOCKS_APART, sessions.LASTING))
def test_it_lasts_thirty_days(age: timedelta) -> None:
    """By any gateway's clock, as far as it may be behind."""
    assert sessions.is_valid(sessions.begin(KEY), KEY, datetime.now(UTC) + age)


@given(
    ages(sessions.LASTING, timedelta(days=36500))
    | ages(-timedelta(days=18000), -sessions.CLOCKS_APART).map(lambda age: age - timedelta(seconds=4))
)
def test_it_is_over_then(age: timedelta) -> None:
    """Also where a clock was wrong by years: what begins in the future would last as much longer."""
    margin = timedelta(seconds=4) if age > timedelta() else timedelta()
    assert not sessions.is_valid(sessions.begin(KEY), KEY, datetime.now(UTC) + age + margin)


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
