"""What happens after a process has ended."""

import pytest

from metarr_local.restart import GiveUp, Life, Restart, after_end, how_it_ended


def test_a_crash_is_followed_by_a_restart() -> None:
    """The first time after half a second."""
    assert after_end(Life(-9, was_ready=True, seconds=5), 0, ever_ready=True) == Restart(0.5, 1)


def test_delays_double_up_to_a_limit() -> None:
    """Who fails again and again is asked less and less often."""
    delays = []
    failures = 0
    for _ in range(9):
        verdict = after_end(Life(1, was_ready=False, seconds=1), failures, ever_ready=True)
        assert isinstance(verdict, Restart)
        failures = verdict.failures
        delays.append(verdict.delay)
    assert delays == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_a_minute_of_work_wipes_the_slate() -> None:
    """A crash once an hour is not a crash loop."""
    assert after_end(Life(1, was_ready=True, seconds=61), 7, ever_ready=True) == Restart(0.5, 1)


@pytest.mark.parametrize("ever_ready", [True, False])
def test_refused_settings_are_not_tried_again(*, ever_ready: bool) -> None:
    """Exit code 2 before ready means that the settings are wrong, and they do not change by waiting."""
    assert isinstance(after_end(Life(2, was_ready=False, seconds=1), 0, ever_ready=ever_ready), GiveUp)


def test_code_two_of_a_working_service_is_a_crash() -> None:
    """Only at its start can a service refuse its settings."""
    assert isinstance(after_end(Life(2, was_ready=True, seconds=1), 0, ever_ready=True), Restart)


def test_what_never_worked_is_given_up() -> None:
    """The fifth attempt is the last for a service that has not been ready once."""
    life = Life(1, was_ready=False, seconds=1)
    assert isinstance(after_end(life, 3, ever_ready=False), Restart)
    assert isinstance(after_end(life, 4, ever_ready=False), GiveUp)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (None, "could not be started"),
        (0, "ended by itself (exit code 0)"),
        (-9, "was ended by SIGKILL"),
        (-250, "was ended by signal 250"),
    ],
)
def test_the_end_is_told_in_words(code: int | None, words: str) -> None:
    """Signals by name, exit codes by number."""
    assert how_it_ended(code) == words
