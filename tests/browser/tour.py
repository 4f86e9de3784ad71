"""A tour of all pages, dialogs and states of the web UI, arranged by the API, the sandbox and the schedule.

Each part is a generator that brings a page into one state after the other and tells its name; whoever walks along
looks at the page meanwhile. All parts can be walked one after the other in one system, in the order of `TOUR`.
"""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Page, expect
from tests.browser.access import key_field, new_key, sign_in
from tests.browser.films import KNOWN, refreshed
from tests.e2e.client import Api
from tests.e2e.library import import_rows, known
from tests.e2e.system import System

from metarr_sandbox.catalog import demo_library

Tour = AsyncIterator[str]

DAILY = "0 3 * * *"
RUN_SECONDS = 300
"""The longest that a run may take while nothing holds it up."""
RUN_LATENCY_MS = 1_500
"""An answer of OMDb takes so long until a run has got somewhere."""
HELD_MS = 15_000
"""And so long while it is looked at, so that it does not end meanwhile."""


@dataclass(frozen=True)
class Stage:
    """The system, a client of it, and the page that is shown round."""

    system: System
    api: Api
    page: Page

    async def go(self, path: str, *texts: str) -> None:
        """Open an address; return when these texts are to be seen and nothing is being loaded any more."""
        await self.page.goto(path)
        await self.sees(*texts)

    async def sees(self, *texts: str) -> None:
        """Wait until these texts are to be seen and nothing is being loaded any more."""
        for text in texts:
            await expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()
        await expect(self.page.get_by_role("button", name="Live", include_hidden=True)).to_have_count(1)
        await expect(self.page.get_by_text(re.compile("^Loading"))).to_have_count(0)

    async def press(self, name: str) -> None:
        """Press the first button of this name."""
        await self.page.get_by_role("button", name=name, exact=True).first.click()

    async def add(self, **film: object) -> int:
        """Add a film; its id, once the read model has it."""
        added = (await self.api.post("/api/movies", film)).data
        await known(self.api, added["seq"])
        movie_id: int = added["movieId"]
        return movie_id

    async def run(self) -> Any:
        """A run that asks about every film, whatever is fresh; how it has ended."""
        return await self.api.run_ended(await self.api.start_run(force=True), RUN_SECONDS)


async def empty_library(stage: Stage) -> Tour:
    """Nothing is there yet."""
    await stage.go("/", "No movies in library")
    yield "dashboard-empty"
    await stage.go("/media/movies", "No movies in library")
    yield "movies-empty"
    await stage.go("/media/movies?add=1", "One movie")
    yield "add-movie"
    await stage.page.get_by_label("Title").fill("The Silent Twins")
    await stage.press("Search TMDB")
    await expect(stage.page.get_by_role("dialog").get_by_role("listitem")).to_have_count(2)
    yield "add-movie-candidates"
    await stage.page.get_by_role("tab", name="From a file").click()
    yield "add-file"
    await stage.page.locator("input[type=file]").set_input_files(
        {"name": "films.csv", "mimeType": "text/csv", "buffer": b"title,imdbId\nOne,tt0000000x\n,\n"}
    )
    await stage.press("Import")
    await stage.sees("rejected")
    yield "add-file-report"
    await stage.go("/settings/general", "No run yet.", "Schedule is off")
    yield "settings-never-run"
    await stage.go("/activity/history", "Nothing has happened yet")
    yield "activity-empty"
    await stage.go("/no/such/page", "There is nothing at this address")
    yield "not-found"
    await stage.go("/media/movies/999999/edit", "This movie is not in the library")
    yield "movie-not-found"


async def films(stage: Stage) -> Tour:
    """Films of all kinds, with their dialogs."""
    system, api = stage.system, stage.api
    never, normal, partial = [await stage.add(**film) for film in KNOWN[:3]]
    unidentified = await stage.add(title="The Silent Twins", year=2022)
    await stage.add(title="Le Fabuleux Destin de quelqu'un dont le nom est beaucoup trop long pour une seule ligne")
    await stage.add(title="七人の侍")
    await refreshed(api, [{"id": normal}, {"id": unidentified}])
    await system.provider("omdb", dailyLimit=0)
    await refreshed(api, [{"id": partial}])

    await stage.go(f"/media/movies/{never}/edit", "Refresh Metadata")
    yield "movie-never-enriched"
    await stage.press("Remove")
    await stage.sees("Your video files are not touched.")
    yield "movie-remove"
    await stage.go(f"/media/movies/{normal}/edit", "Last enriched:")
    yield "movie"
    await stage.press("Identify")
    await stage.sees("It is identified already.")
    yield "movie-identify"
    await stage.go(f"/media/movies/{normal}/edit?tab=artwork")
    await expect(stage.page.get_by_role("tabpanel").get_by_role("img").first).to_be_visible()
    yield "movie-artwork"
    await stage.go(f"/media/movies/{partial}/edit", "Rate-limited providers: OMDB")
    yield "movie-partial"
    await stage.press("View Provider Status")
    await stage.sees("Rate limited")
    yield "movie-provider-status"
    await stage.go("/settings/general", "Resume")
    yield "settings-provider-paused"
    await system.provider("omdb", dailyLimit=None)
    assert (await api.post("/api/providers/omdb/resume")).status == 200
    await stage.go(f"/media/movies/{unidentified}/edit", "It is not known which movie this is")
    yield "movie-unidentified"
    await stage.press("Choose the movie")
    await expect(stage.page.get_by_role("region", name="Suggestions").get_by_role("listitem")).to_have_count(2)
    yield "movie-identify-candidates"
    await stage.go("/media/movies")
    await expect(stage.page.get_by_role("row").nth(5)).to_be_visible()
    yield "movies-few"
    await stage.go("/media/movies?search=nowhere", "No movies match")
    yield "movies-no-match"
    await stage.go("/", "Most Incomplete Movies")
    yield "dashboard-few"


async def refreshes(stage: Stage) -> Tour:
    """A film's refresh that goes on, is cancelled, fails."""
    refreshing, failing = [await stage.add(**film) for film in KNOWN[3:5]]
    await stage.system.provider("omdb", fault={"kind": "timeout"})
    await stage.go(f"/media/movies/{refreshing}/edit", "Refresh Metadata")
    await stage.press("Refresh Metadata")
    await stage.sees("Current provider: OMDB")
    yield "movie-in-progress"
    await stage.press("Cancel")
    await stage.sees("The refresh was cancelled.")
    yield "movie-cancelled"
    await stage.system.providers(fault={"kind": "garbage"})
    await stage.go(f"/media/movies/{failing}/edit", "Refresh Metadata")
    await stage.press("Refresh Metadata")
    await stage.sees("The last refresh failed")
    yield "movie-failed"
    await stage.system.providers(fault=None)


async def library(stage: Stage) -> Tour:
    """The library of a demo after a run, with the schedule and without."""
    await with_demo_library(stage.api)
    await stage.go("/settings/general", "Completed", "Schedule is off")
    yield "settings-schedule-off"
    await set_schedule(stage.system, DAILY)
    await stage.api.bulk_status(lambda status: status["nextRun"] is not None)
    await stage.go("/settings/general", "Completed", "Daily at")
    yield "settings"
    await stage.press("Run Now")
    await stage.sees("Continue?")
    yield "settings-run-now"
    await stage.go("/", "Most Incomplete Movies")
    yield "dashboard"
    await stage.go("/media/movies")
    await expect(stage.page.get_by_role("row").nth(5)).to_be_visible()
    yield "movies"
    await stage.go("/media/movies?filter=incomplete&sort=completeness:asc", "match")
    yield "movies-incomplete"


async def runs(stage: Stage) -> Tour:
    """A run that goes on, is cancelled, meets a quota, fails; and the history of all."""
    system, api = stage.system, stage.api
    await with_demo_library(api)
    await system.provider("omdb", latencyMs=RUN_LATENCY_MS)
    job = await api.start_run(force=True)
    await api.bulk_status(lambda status: (status["currentRun"] or {"processedMovies": 0})["processedMovies"] > 0)
    await system.provider("omdb", latencyMs=HELD_MS)
    await stage.go("/settings/general", "Enriching library...")
    yield "settings-running"
    await stage.go("/", "Most Incomplete Movies")
    yield "dashboard-running"
    await stage.go("/activity/history", "Running")
    yield "activity-running"
    await stage.go("/settings/general", "Enriching library...")
    await stage.press("Cancel")
    await api.run_ended(job)
    await stage.sees("Cancelled")
    yield "settings-cancelled"
    await system.provider("omdb", latencyMs=0)

    used = (await system.control("GET", ""))["providers"]["omdb"]["usedToday"]
    await system.provider("omdb", dailyLimit=used + 30)
    assert (await stage.run())["status"] == "partial"
    await stage.go("/settings/general", "OMDB rate limit reached - stopped early")
    yield "settings-rate-limited"
    await stage.go("/", "Most Incomplete Movies")
    yield "dashboard-rate-limited"
    await system.provider("omdb", dailyLimit=None)
    assert (await api.post("/api/providers/omdb/resume")).status == 200

    key = (await system.control("GET", ""))["providers"]["omdb"]["key"]
    await system.provider("omdb", key="another")
    assert (await stage.run())["status"] == "failed"
    await stage.go("/settings/general", "OMDb refuses the key")
    yield "settings-failed"
    await system.provider("omdb", key=key)
    assert (await api.post("/api/providers/omdb/resume")).status == 200
    assert (await stage.run())["status"] == "completed"
    await stage.go("/activity/history", "Completed")
    yield "activity"
    for entry in await stage.page.get_by_role("heading", level=2).get_by_role("button").all():
        await entry.click()
    await stage.sees("Started")
    yield "activity-opened"


async def access(stage: Stage) -> Tour:
    """A gateway that asks for a key."""
    system, page = stage.system, stage.page
    before = system.environment
    key_file = system.folder / "api-key"
    key = new_key(key_file)
    system.environment = {**before, "METARR_API_KEY_FILE": str(key_file)}
    await restart(system, "gateway")
    await page.goto("/")
    await expect(key_field(page)).to_be_focused()
    yield "sign-in"
    await sign_in(page, "this-is-not-the-key-of-metarr")
    await expect(page.get_by_role("alert")).to_be_visible()
    yield "sign-in-wrong-key"
    await sign_in(page, key)
    await stage.go("/settings/general", "Sign out")
    yield "settings-access"
    new_key(key_file)
    await expect(page.get_by_text("You were signed out")).to_be_visible()
    yield "sign-in-again"
    system.environment = before
    await restart(system, "gateway")
    await sign_in(page, "any key, since none is asked for")
    await stage.sees()


async def with_demo_library(api: Api) -> None:
    """The library that a demo has, enriched by a run."""
    await import_rows(api, demo_library())
    assert (await api.run_ended(await api.start_run(), RUN_SECONDS))["status"] == "completed"


async def set_schedule(system: System, schedule: str) -> None:
    """Runs are planned so from now on."""
    system.environment = {**system.environment, "METARR_SCHEDULE": schedule}
    await restart(system, "scheduler")


async def restart(system: System, service: str) -> None:
    """Make a service begin anew, with what the environment says now."""
    await system.stop(service)
    await system.start(service)


TOUR: dict[str, Callable[[Stage], Tour]] = {
    "empty library": empty_library,
    "films": films,
    "refreshes": refreshes,
    "library": library,
    "runs": runs,
    "access": access,
}
