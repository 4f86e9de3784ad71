"""Carries the plan's steps out, as a person and programs would: over HTTP, several at a time, never twice."""

import asyncio
import itertools
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from tests.e2e.library import FIRST_MADE_UP, made_up
from tests.faults.harness.injections import Site
from tests.faults.harness.observed import Answered, Forced
from tests.faults.harness.plan import Action, Step
from tests.faults.harness.watching import Watcher

from metarr_chassis.clock import Clock
from metarr_chassis.errors import BusUnavailableError
from metarr_gateway.command_queue import CommandQueue
from metarr_sandbox.ids import format_imdb_id

REQUEST_SECONDS = aiohttp.ClientTimeout(total=20)
PAGES = (
    "/api/movies/enrichment/stats",
    "/api/movies?limit=20",
    "/api/movies?filter=incomplete&sort=completeness",
    "/api/enrichment/bulk-status",
    "/api/providers/status",
    "/api/activity/history",
    "/api/movies/{film}",
    "/api/movies/{film}/history",
    "/api/movies/{film}/enrichment-status",
)
OWN_FIELDS = ("tagline", "plot", "genres", "studios")
FILMS = 24
FILL_SECONDS = 120


@dataclass
class Workload:
    """What was done and what came of it."""

    site: Site
    session: aiohttp.ClientSession
    urls: Sequence[str]
    watchers: Sequence[Watcher]
    answers: list[Answered] = field(default_factory=list)
    accepted: list[int] = field(default_factory=list)
    forced: list[Forced] = field(default_factory=list)
    _turn: int = 0
    _more: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def fill(self) -> None:
        """The library of the first films, before anything is done to the system."""
        first = self._new_id()
        async with asyncio.timeout(FILL_SECONDS):
            while (told := await self._import(FILMS, first)) is None:
                await asyncio.sleep(1)
        self.site.films += [row["movieId"] for row in told["rows"]] or list(range(1, FILMS + 1))

    async def do(self, step: Step) -> None:
        """One step; what goes wrong is part of what is seen."""
        await _DOING[step.action](self, step)

    def _film(self, step: Step) -> int:
        return self.site.films[step.film % len(self.site.films)]

    async def _ask(self, method: str, path: str, **how: Any) -> Any:
        """The `data` of a good answer; None of another one."""
        self._turn += 1
        url, began = self.urls[self._turn % len(self.urls)], time.monotonic()
        try:
            async with self.session.request(method, url + path, timeout=REQUEST_SECONDS, **how) as answer:
                body, status = await answer.json(), answer.status
        except (aiohttp.ClientError, TimeoutError, json.JSONDecodeError) as error:
            body, status = {"code": type(error).__name__}, 0
        code = "" if body.get("success") else str(body.get("code"))
        self.answers.append(Answered(method, path, status, code, time.monotonic() - began))
        if status == 202 and "jobId" in body["data"] and "cancel" not in path:
            self.accepted.append(body["data"]["jobId"])
        return body["data"] if body.get("success") else None

    async def _import(self, count: int, first: int) -> Any:
        rows = "\n".join(json.dumps(row) for row in made_up(count, first))
        return await self._ask(
            "POST", "/api/movies/import", data=rows, headers={"Content-Type": "application/x-ndjson"}
        )

    async def _refresh(self, step: Step) -> None:
        await self._ask("POST", f"/api/movies/{self._film(step)}/enrich")

    async def _force(self, step: Step) -> None:
        movie_id, began = self._film(step), time.time()
        await self._ask("POST", f"/api/movies/{movie_id}/enrich", json={"force": True})
        self.forced.append(Forced(movie_id, began, time.time()))

    async def _run(self, _step: Step) -> None:
        await self._ask("POST", "/api/enrichment/bulk-run")

    async def _force_run(self, _step: Step) -> None:
        await self._ask("POST", "/api/enrichment/bulk-run", json={"force": True})

    async def _cancel(self, step: Step) -> None:
        if self.accepted:
            recent = self.accepted[-4:]
            await self._ask("POST", f"/api/jobs/{recent[step.value % len(recent)]}/cancel")

    async def _add(self, step: Step) -> None:
        del step
        self._remember(await self._ask("POST", "/api/movies", json=next(made_up(1, self._new_id()))))

    async def _add_by_title(self, step: Step) -> None:
        title = f"Fault {'Twins' if step.value % 5 == 0 else 'Film'} {next(self._more)}"
        self._remember(await self._ask("POST", "/api/movies", json={"title": title, "year": 1990 + step.value % 30}))

    async def _import_list(self, step: Step) -> None:
        await self._import(1 + step.value % 5, self._new_id())

    async def _queue_import(self, step: Step) -> None:
        """As the gateway does with a list of more than 5,000 rows."""
        count = 10 + step.value % 40
        first = FIRST_MADE_UP + 100 * next(self._more)
        rows = "\n".join(json.dumps({"row": number, **row}) for number, row in enumerate(made_up(count, first), 1))
        try:
            self.accepted.append(await CommandQueue(self.site.bus, Clock()).put_import(rows.encode(), count))
        except (BusUnavailableError, TimeoutError):
            return

    async def _remove(self, step: Step) -> None:
        if len(self.site.films) > FILMS // 2:
            movie_id = self._film(step)
            if await self._ask("DELETE", f"/api/movies/{movie_id}") is not None and movie_id in self.site.films:
                self.site.films.remove(movie_id)

    async def _identify(self, step: Step) -> None:
        told = {"imdbId": format_imdb_id(self._new_id())}
        await self._ask("POST", f"/api/movies/{self._film(step)}/identify", json=told)

    async def _change(self, step: Step) -> None:
        name = OWN_FIELDS[step.value % len(OWN_FIELDS)]
        value: object = f"My own {step.value}" if name in {"tagline", "plot"} else [f"Mine {step.value}"]
        await self._patch(step, {"fields": {name: value}})

    async def _clear(self, step: Step) -> None:
        await self._patch(step, {"fields": {OWN_FIELDS[step.value % len(OWN_FIELDS)]: None}})

    async def _lock(self, step: Step) -> None:
        await self._patch(step, {"lock": [OWN_FIELDS[step.value % len(OWN_FIELDS)], "poster"]})

    async def _unlock(self, step: Step) -> None:
        await self._patch(step, {"unlock": [OWN_FIELDS[step.value % len(OWN_FIELDS)]]})

    async def _patch(self, step: Step, body: Mapping[str, object]) -> None:
        await self._ask("PATCH", f"/api/movies/{self._film(step)}", json=body)

    async def _read(self, step: Step) -> None:
        await self._ask("GET", PAGES[step.value % len(PAGES)].format(film=self._film(step)))

    async def _resume(self, step: Step) -> None:
        await self._ask("POST", f"/api/providers/{('tmdb', 'omdb', 'fanart')[step.value % 3]}/resume")

    async def _come_back(self, step: Step) -> None:
        """A WebSocket client goes and comes back; the first one always stays."""
        await self.watchers[1 + step.value % (len(self.watchers) - 1)].leave()

    def _new_id(self) -> int:
        return FIRST_MADE_UP + 100 * next(self._more)

    def _remember(self, told: Any) -> None:
        movie_id = told and (told.get("movieId") or told.get("id"))
        if movie_id and movie_id not in self.site.films:
            self.site.films.append(movie_id)


_DOING: Mapping[Action, Callable[[Workload, Step], Awaitable[None]]] = {
    "refresh": Workload._refresh,
    "force": Workload._force,
    "run": Workload._run,
    "force_run": Workload._force_run,
    "cancel": Workload._cancel,
    "add": Workload._add,
    "add_by_title": Workload._add_by_title,
    "import_list": Workload._import_list,
    "queue_import": Workload._queue_import,
    "remove": Workload._remove,
    "identify": Workload._identify,
    "change": Workload._change,
    "clear": Workload._clear,
    "lock": Workload._lock,
    "unlock": Workload._unlock,
    "read": Workload._read,
    "resume": Workload._resume,
    "come_back": Workload._come_back,
}
