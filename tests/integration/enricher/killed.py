"""An enricher that is killed at a chosen step of the work on a film: `python killed.py '{"1": "stored tmdb"}'`.

Nothing in the product knows of it: the steps are found by wrapping what the enricher calls.
"""

import functools
import json
import os
import runpy
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from nats.aio.msg import Msg

from metarr_chassis import settings
from metarr_chassis.event_store import EventStore
from metarr_contracts.answers import LookupAnswered
from metarr_contracts.registry import type_of
from metarr_enricher.answer_store import AnswerStore
from metarr_enricher.gathering import Gathering

STEPS: dict[str, str] = json.loads(sys.argv[1])


def reached(movie_id: object, step: str) -> None:
    """Die here, if this is the film's step."""
    if STEPS.get(str(movie_id)) == step:
        os.kill(os.getpid(), signal.SIGKILL)


def wrap(owner: type, name: str, steps: Callable[..., tuple[object, str, str]]) -> None:
    """Make the method two steps: one before it is called and one after it has returned."""
    inner: Callable[..., Awaitable[Any]] = getattr(owner, name)

    @functools.wraps(inner)
    async def outer(self: Any, *args: Any, **options: Any) -> Any:
        movie_id, before, after = steps(self, *args)
        reached(movie_id, before)
        result = await inner(self, *args, **options)
        reached(movie_id, after)
        return result

    setattr(owner, name, outer)


def asking(gathering: Any, provider: Any) -> tuple[object, str, str]:
    """Before anything is asked of this provider, and after it is done with."""
    return gathering.job.movie_id, f"before {provider.name}", f"done {provider.name}"


def storing(_store: Any, answer: Any, _cause: Any) -> tuple[object, str, str]:
    """An answer was received, and then stored."""
    name = "lookup" if isinstance(answer, LookupAnswered) else answer.provider
    return answer.movie_id, f"received {name}", f"stored {name}"


def appending(_store: Any, subject: str, event: Any, _expected: int) -> tuple[object, str, str]:
    """A fact is decided, and then stored."""
    kind = type_of(event.body).split(".")[-2]
    return getattr(event.body, "movie_id", None) or subject, f"decided {kind}", f"appended {kind}"


def acknowledging(message: Any) -> tuple[object, str, str]:
    """All is done but the acknowledgement."""
    return message.subject.rsplit(".", 1)[1], "before ack", "after ack"


if __name__ == "__main__":
    wrap(Gathering, "_answer", asking)
    wrap(AnswerStore, "put", storing)
    wrap(EventStore, "append", appending)
    wrap(Msg, "ack_sync", acknowledging)
    load = settings.load_settings
    # One film at a time, so that it dies of its own film alone; a run would demand more hands.
    vars(settings)["load_settings"] = lambda model: load(model).model_copy(update={"concurrency": 1})
    sys.argv = sys.argv[:1]
    runpy.run_module("metarr_enricher", run_name="__main__")
