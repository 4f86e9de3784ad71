"""How the enricher is wired, once, at start."""

import contextlib
from collections.abc import AsyncIterator, Sequence

import structlog
from nats.aio.msg import Msg

from metarr_chassis.background import running
from metarr_chassis.bus import Bus
from metarr_chassis.micro import serve
from metarr_chassis.rate import Rate, SharedRate
from metarr_chassis.service import Context
from metarr_contracts import streams, subjects
from metarr_contracts.fields import PROVIDERS, ProviderName
from metarr_contracts.library import ResumeProvider, SearchMovies
from metarr_contracts.rules import ChangeRules
from metarr_enricher import bulk_state, provider_state
from metarr_enricher.add_movies import AddMovies
from metarr_enricher.aggregates import Aggregates, Kind
from metarr_enricher.answer_store import AnswerStore
from metarr_enricher.asking import Desk
from metarr_enricher.bulk_lead import Tools
from metarr_enricher.bulk_runs import BulkRuns
from metarr_enricher.bulk_state import BulkState
from metarr_enricher.cancels import Cancels
from metarr_enricher.changes_store import ChangesStore
from metarr_enricher.claims import Claims
from metarr_enricher.commands import Commands
from metarr_enricher.enrichment import Enrichment
from metarr_enricher.fingerprint import fingerprint
from metarr_enricher.gathering import Sources
from metarr_enricher.identities import Identities
from metarr_enricher.import_job import ImportJob
from metarr_enricher.job_ends import CountingStore
from metarr_enricher.job_log import JobLog
from metarr_enricher.leftovers import sweep
from metarr_enricher.library import Library
from metarr_enricher.metrics import ProviderMetrics
from metarr_enricher.movie_ids import MovieIds
from metarr_enricher.movies import Movies
from metarr_enricher.pacing import Pacing
from metarr_enricher.provider_board import ProviderBoard
from metarr_enricher.provider_watch import watch
from metarr_enricher.providers.client import Pace, open_client
from metarr_enricher.providers.registry import CONNECTIONS, Fanart, Omdb, Provider, Tmdb
from metarr_enricher.providers.tmdb import Locale
from metarr_enricher.resume import Resume
from metarr_enricher.rules import Rules
from metarr_enricher.rules_log import RulesLog
from metarr_enricher.run_window import RunWindow
from metarr_enricher.search import Search
from metarr_enricher.settings import EnricherSettings
from metarr_enricher.verbs import endpoint
from metarr_enricher.worker import Queue, work

log = structlog.get_logger()


@contextlib.asynccontextmanager
async def start(context: Context[EnricherSettings]) -> AsyncIterator[None]:
    """The enricher works while this is open."""
    settings, bus, clock = context.settings, context.bus, context.clock
    rules = Rules(language=settings.language, region=settings.region)
    store = CountingStore(bus, "enricher")
    stream = (await bus.stream_state(streams.EVENTS)).created
    movies = Movies(bus, store, clock, stream)
    claims = Claims(store, clock)
    identities = Identities(movies, claims, clock, rules)
    add_movies = AddMovies(movies, claims, identities, MovieIds(bus, store), clock, rules)
    jobs = JobLog(store, clock)
    board = ProviderBoard(bus, store, clock)
    rules_log = RulesLog(store, clock)
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(board.follow())
        await _configure(board, context)
        pacing = {name: _pacing(name, context) for name in PROVIDERS if settings.key(name) is not None}
        providers = {name: await _open(name, pacing[name], context, stack) for name in pacing}
        await stack.enter_async_context(running(watch(board, pacing, clock)))
        desk = Desk(board, store, clock, pacing)
        sources = Sources(providers, desk, AnswerStore(bus), movies, identities, clock)
        enrichment = Enrichment(sources, jobs, rules, bus.publish_note)
        asked = providers.get("tmdb")
        tmdb = asked if isinstance(asked, Tmdb) else None
        changes = ChangesStore(bus, desk, tmdb, clock)
        all_runs = Aggregates(Kind(BulkState, bulk_state.INITIAL, bulk_state.evolve), bus, store, clock, stream)
        window = RunWindow(bus, settings.bulk_window, settings.concurrency)
        tools = Tools(bus, clock, all_runs, movies, board, tuple(providers), window)
        runs = BulkRuns(tools, rules_log, changes, jobs)
        commands = Commands(bus, clock, jobs, enrichment, ImportJob(bus, clock, jobs, add_movies), runs)
        library = Library(clock, movies, add_movies, identities, rules)
        cancels = Cancels(bus, movies, jobs, runs)
        await stack.enter_async_context(_hear_cancels(bus, enrichment, runs))
        resume = Resume(providers, desk, board)
        search = Search(tmdb, desk, identities)
        endpoints = (
            *library.endpoints(),
            *cancels.endpoints(),
            endpoint("resume", ResumeProvider, resume.resume),
            endpoint("search", SearchMovies, search.search),
            endpoint("rules", ChangeRules, rules_log.change),
        )
        await stack.enter_async_context(serve(bus, "enricher", "Write side of the library", endpoints))
        await stack.enter_async_context(running(sweep(bus)))
        await stack.enter_async_context(work(bus, _queues(commands, enrichment, settings.concurrency)))
        yield


@contextlib.asynccontextmanager
async def _hear_cancels(bus: Bus, enrichment: Enrichment, runs: BulkRuns) -> AsyncIterator[None]:
    async def cancelled(note: Msg) -> None:
        try:
            job_id = int(note.data)
        except ValueError:
            log.warning("note not understood", subject=note.subject)
            return
        runs.look_again(job_id)
        await enrichment.cancel(job_id)

    subscription = await bus.listen(subjects.LIVE_CANCEL, cancelled)
    try:
        yield
    finally:
        await subscription.unsubscribe()


def _queues(commands: Commands, enrichment: Enrichment, hands: int) -> Sequence[Queue]:
    return (
        Queue(streams.COMMANDS, streams.IMPORTER, 1, commands.import_upload, _no_beat),
        Queue(streams.COMMANDS, streams.BULK, 1, commands.run_bulk, _no_beat, long=True),
        Queue(streams.COMMANDS, streams.ENRICHER, hands, commands.enrich, enrichment.repeat_progress),
    )


async def _no_beat(_job_id: int) -> None:
    """An import or a run is kept alive, and has nothing to repeat."""


async def _configure(board: ProviderBoard, context: Context[EnricherSettings]) -> None:
    for name in PROVIDERS:
        print_ = fingerprint(context.settings.key(name), context.store.id)
        await board.decide(
            name,
            lambda state, name=name, print_=print_: provider_state.configure(  # type: ignore[misc]
                state, name, print_, context.clock.now()
            ),
        )


def _pacing(name: ProviderName, context: Context[EnricherSettings]) -> Pacing:
    per_second = context.settings.rate(name)
    shared = SharedRate(context.bus, name, Rate(per_second), context.clock.now)
    return Pacing(shared, per_second)


async def _open(
    name: ProviderName, pacing: Pacing, context: Context[EnricherSettings], stack: contextlib.AsyncExitStack
) -> Provider:
    settings = context.settings
    pace = Pace(gate=pacing.gate, on_throttled=pacing.on_throttled, observe=ProviderMetrics(name).asked)
    client = await stack.enter_async_context(open_client(settings.url(name), CONNECTIONS[name], pace))
    key = settings.key(name) or ""
    match name:
        case "tmdb":
            return Tmdb(client, key, Locale(settings.language, settings.region))
        case "omdb":
            return Omdb(client, key)
        case "fanart":
            personal = settings.fanart_client_key
            return Fanart(client, key, settings.language, personal.get_secret_value() if personal else None)
