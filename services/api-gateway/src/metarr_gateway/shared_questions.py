"""The same question of many clients is put once: who comes while it is being answered shares the next answer.

Nobody joins a question that was put before he came. So an answer never shows an older state than that of the moment at
which its asker came: who was told of a change sees it, as with a question of his own.

An answer may be late, or lost with the replica that was asked, where another one would answer at once. So nobody waits
long for an answer that is not to be his.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from metarr_chassis import tracing
from metarr_chassis.errors import BusUnavailableError

Q = TypeVar("Q", bound=Hashable)
A = TypeVar("A")

LATE_SECONDS = 0.5
"""An answer that takes longer is not waited for by who came after its question: theirs is put beside it."""


@dataclass
class _Round(Generic[A]):
    """Those who share the next answer; it is asked for as a part of what the first of them does."""

    late: asyncio.TimerHandle
    askers: list[asyncio.Future[A]] = field(default_factory=list)
    patience: float = 0.0
    """That of the most patient: he does not wait less because of the others."""
    context: Context | None = None


class SharedQuestions(Generic[Q, A]):
    """Questions on their way, each with those who wait for its next answer."""

    def __init__(self, put: Callable[[Q, float], Awaitable[A]]) -> None:
        """`put` asks, and waits for so many seconds at most."""
        self._put = put
        self._next: dict[Q, _Round[A]] = {}
        self._rounds: set[asyncio.Task[None]] = set()

    async def ask(self, question: Q, patience: float) -> A:
        """The answer to an equal question that is put now or later; waits for so many seconds.

        A question that belongs to a trace is put by itself, so that its trace shows what it waited for.

        Raises:
            BusUnavailableError: there was none in time.
            Exception: what `put` raised.
        """
        if tracing.trace_id() is not None:
            return await self._put(question, patience)
        joined = self._next.get(question)
        if joined is not None:
            return await _wait(joined, patience)
        following = self._begin(question)
        try:
            return await self._put(question, patience)
        finally:
            self._go_on(question, following)

    def _begin(self, question: Q) -> _Round[A]:
        """The question is put now: who comes from now on is in the round that follows."""
        loop = asyncio.get_running_loop()
        following: _Round[A] = _Round(loop.call_later(LATE_SECONDS, lambda: self._go_on(question, following)))
        self._next[question] = following
        return following

    def _go_on(self, question: Q, waiting: _Round[A]) -> None:
        """An answer is there, or late: put the question again where somebody has come meanwhile and still waits."""
        waiting.late.cancel()
        if self._next.get(question) is not waiting:
            # The answer was late, and they have gone on without it.
            return
        del self._next[question]
        if any(not asker.done() for asker in waiting.askers):
            following = self._begin(question)
            task = asyncio.create_task(self._answer(question, waiting, following), context=waiting.context)
            self._rounds.add(task)
            task.add_done_callback(self._rounds.discard)

    async def _answer(self, question: Q, waiting: _Round[A], following: _Round[A]) -> None:
        try:
            answer = await self._put(question, waiting.patience)
        except BaseException as error:
            for asker in waiting.askers:
                if not asker.done():
                    asker.set_exception(error if isinstance(error, Exception) else BusUnavailableError("interrupted"))
                    # One who goes in this moment takes no notice of it.
                    asker.exception()
            if not isinstance(error, Exception):
                raise
        else:
            for asker in waiting.askers:
                if not asker.done():
                    asker.set_result(answer)
        finally:
            self._go_on(question, following)


async def _wait(joined: _Round[A], patience: float) -> A:
    loop = asyncio.get_running_loop()
    asker: asyncio.Future[A] = loop.create_future()
    if not joined.askers:
        joined.context = copy_context()
    joined.askers.append(asker)
    joined.patience = max(joined.patience, patience)
    deadline = loop.call_later(patience, _give_up, asker)
    try:
        return await asker
    finally:
        deadline.cancel()


def _give_up(asker: asyncio.Future[A]) -> None:
    if not asker.done():
        asker.set_exception(BusUnavailableError("no answer in time"))
