"""Many who ask the same share an answer, and nobody gets one that is older than his question."""

import asyncio
from contextlib import suppress

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanKind

from metarr_chassis import correlation, tracing
from metarr_chassis.errors import BusUnavailableError, RefusedError
from metarr_gateway import shared_questions
from metarr_gateway.shared_questions import SharedQuestions

PATIENCE = 120.0
LESS = 60.0


@pytest.fixture(autouse=True)
def _never_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, no answer is late where none is meant to be."""
    monkeypatch.setattr(shared_questions, "LATE_SECONDS", PATIENCE)


class Projector:
    """Answers with what is true at the moment at which it is asked, once it may."""

    def __init__(self) -> None:
        self.truth = 0
        self.asked: list[str] = []
        self.belonging: list[str | None] = []
        self.patience: list[float] = []
        self.fails: Exception | None = None
        self._may: list[asyncio.Event] = []
        self.shared = SharedQuestions(self.put)

    async def put(self, question: str, patience: float) -> int:
        """As the bus does it."""
        seen, failure = self.truth, self.fails
        self.asked.append(question)
        self.patience.append(patience)
        self.belonging.append(correlation.current())
        self._may.append(may := asyncio.Event())
        await may.wait()
        if failure is not None:
            raise failure
        return seen

    async def ask(self, question: str = "stats", patience: float = PATIENCE) -> asyncio.Task[int]:
        """Somebody asks; he waits when this returns."""
        task = asyncio.create_task(self.shared.ask(question, patience))
        await _idle()
        return task

    async def answer(self) -> None:
        """The oldest question on its way is answered."""
        self._may.pop(0).set()
        await _idle()


async def _idle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_who_comes_meanwhile_shares_the_next_answer() -> None:
    """Given a question on its way, then those who ask the same share the one that is put after it."""
    projector = Projector()
    first = await projector.ask()
    projector.truth = 1
    others = [await projector.ask() for _ in range(3)]
    assert projector.asked == ["stats"]
    await projector.answer()
    assert await first == 0
    assert projector.asked == ["stats", "stats"]
    await projector.answer()
    assert [await other for other in others] == [1, 1, 1]
    assert not projector.shared._next


async def test_who_comes_during_the_shared_one_waits_for_another() -> None:
    """Given a shared question that has been put, then who comes later sees what has happened until then."""
    projector = Projector()
    await projector.ask()
    second = await projector.ask()
    await projector.answer()
    projector.truth = 1
    third = await projector.ask()
    await projector.answer()
    await projector.answer()
    assert (await second, await third) == (0, 1)


async def test_other_questions_are_put_at_once() -> None:
    """Nobody waits for an answer to what he did not ask."""
    projector = Projector()
    await projector.ask("stats")
    await projector.ask("status 7")
    await projector.ask("status 8")
    assert projector.asked == ["stats", "status 7", "status 8"]


async def test_a_failure_is_that_of_all_who_share_it() -> None:
    """And the next one who asks is answered."""
    projector = Projector()
    first = await projector.ask()
    projector.fails = RefusedError(500, "Database error", "database_error")
    others = [await projector.ask() for _ in range(2)]
    await projector.answer()
    await projector.answer()
    assert await first == 0
    for other in others:
        with pytest.raises(RefusedError, match="Database error"):
            await other
    projector.fails = None
    later = await projector.ask()
    await projector.answer()
    assert await later == 0


async def test_who_goes_takes_no_answer_from_the_others() -> None:
    """Given clients that go while they wait, then the others are answered, and where none is left nothing is asked."""
    projector = Projector()
    first = await projector.ask()
    gone, stays = await projector.ask(), await projector.ask()
    first.cancel()
    gone.cancel()
    await _idle()
    assert len(projector.asked) == 2
    projector._may.pop(0)
    await projector.answer()
    assert await stays == 0
    one = await projector.ask()
    goes = await projector.ask()
    goes.cancel()
    await _idle()
    await projector.answer()
    await one
    assert len(projector.asked) == 3
    assert not projector.shared._next


async def test_patience_is_ones_own() -> None:
    """Given an answer that does not come, then who has waited long enough is told so."""
    projector = Projector()
    first = await projector.ask()
    impatient = await projector.ask(patience=0)
    with pytest.raises(BusUnavailableError):
        await impatient
    await projector.answer()
    assert await first == 0


async def test_the_shared_one_is_waited_for_as_long_as_the_most_patient_does() -> None:
    """Given one of little patience who came first, then what follows is not cut short for the others."""
    projector = Projector()
    first = await projector.ask(patience=LESS)
    others = [await projector.ask(patience=patience) for patience in (PATIENCE, LESS, PATIENCE)]
    await projector.answer()
    assert projector.patience == [LESS, PATIENCE]
    await projector.answer()
    assert [await asked for asked in (first, *others)] == [0, 0, 0, 0]


async def test_an_answer_that_is_late_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given one that does not come, as of a replica that has died, then those who came after have theirs."""
    monkeypatch.setattr(shared_questions, "LATE_SECONDS", 0)
    projector = Projector()
    # Both before the answer can be late.
    first, meanwhile = (asyncio.create_task(projector.shared.ask("stats", PATIENCE)) for _ in range(2))
    while len(projector.asked) < 2:
        await _idle()
    monkeypatch.setattr(shared_questions, "LATE_SECONDS", PATIENCE)
    lost = projector._may.pop(0)
    later = [await projector.ask() for _ in range(2)]
    while not all(asked.done() for asked in (meanwhile, *later)):
        await projector.answer()
    assert not first.done()
    lost.set()
    assert [await asked for asked in (first, meanwhile, *later)] == [0, 0, 0, 0]
    assert not projector.shared._next


async def test_the_shared_one_belongs_to_the_first_who_waits() -> None:
    """Its log lines are found by the request that came first of those who share it."""
    projector = Projector()
    for name in ("a", "b", "c"):
        with correlation.belonging_to(name):
            await projector.ask()
    await projector.answer()
    assert projector.belonging == ["a", "b"]


async def test_what_is_traced_is_asked_by_itself() -> None:
    """Its trace shows what it waited for."""
    projector = Projector()
    asked = []
    with tracing.traced_by(TracerProvider().get_tracer("test")), tracing.span("request", SpanKind.SERVER, {}):
        asked += [await projector.ask(), await projector.ask()]
    assert len(projector.asked) == 2
    for task in asked:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
