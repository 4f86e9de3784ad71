"""The application: every address of the table with its handler."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from aiohttp import web
from aiohttp.typedefs import Handler

from metarr_chassis import health, metrics
from metarr_gateway import (
    about_route,
    bulk_route,
    candidates_route,
    docs_routes,
    enrich_route,
    health_routes,
    import_route,
    job_routes,
    library_routes,
    picture_route,
    provider_routes,
    read_routes,
    rules_routes,
    session_routes,
)
from metarr_gateway.keys import SOCKETS
from metarr_gateway.middleware import admit, answer_failures, log_request
from metarr_gateway.request_limits import add_headers, limit_requests, tell_connection
from metarr_gateway.request_tracing import trace_request
from metarr_gateway.routes import ROUTES


async def web_socket(request: web.Request) -> web.WebSocketResponse:
    """`GET /ws`."""
    return await request.app[SOCKETS].serve(request)


HANDLERS: Mapping[str, Handler] = {
    "library_stats": read_routes.library_stats,
    "movie_status": read_routes.movie_status,
    "enrich_movie": enrich_route.enrich_movie,
    "bulk_status": read_routes.bulk_status,
    "run_bulk": bulk_route.run_bulk,
    "list_movies": read_routes.list_movies,
    "add_movie": library_routes.add_movie,
    "import_movies": import_route.import_movies,
    "get_movie": read_routes.get_movie,
    "movie_history": read_routes.movie_history,
    "change_movie": library_routes.change_movie,
    "remove_movie": library_routes.remove_movie,
    "identify_movie": library_routes.identify_movie,
    "movie_picture": picture_route.movie_picture,
    "find_candidates": candidates_route.find_candidates,
    "tmdb_picture": picture_route.tmdb_picture,
    "get_job": job_routes.get_job,
    "cancel_job": job_routes.cancel_job,
    "provider_states": read_routes.provider_states,
    "resume_provider": provider_routes.resume_provider,
    "get_rules": rules_routes.get_rules,
    "change_rules": rules_routes.change_rules,
    "activity_history": read_routes.activity_history,
    "web_socket": web_socket,
    "get_session": session_routes.get_session,
    "sign_in": session_routes.sign_in,
    "sign_out": session_routes.sign_out,
    "about": about_route.about,
    "healthz": health.healthz,
    "readyz": health_routes.readyz,
    "metrics": metrics.metrics,
    "openapi_document": docs_routes.openapi_document,
    "api_docs": docs_routes.api_docs,
}


def build_app() -> web.Application:
    """The application without the ports that its handlers use; see `bootstrap`."""
    app = web.Application(
        middlewares=[tell_connection, limit_requests, admit, trace_request, log_request, answer_failures]
    )
    app.on_response_prepare.append(add_headers)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, HANDLERS[route.name])
    app.router.add_route("GET", "/api/docs/{file}", docs_routes.docs_file)
    _close_plain_addresses(app)
    return app


def _close_plain_addresses(app: web.Application) -> None:
    """An address without parameters is that address by every method: `import` is never the id of a film."""
    methods: dict[str, set[str]] = defaultdict(set)
    for route in ROUTES:
        if "{" not in route.path:
            methods[route.path].add(route.method)
    for path, known in methods.items():
        app.router.add_route("*", path, _refuse_all_but(known))


def _refuse_all_but(methods: Collection[str]) -> Handler:
    async def refuse(request: web.Request) -> web.StreamResponse:
        raise web.HTTPMethodNotAllowed(request.method, methods)

    return refuse
