"""The control endpoint: limits, faults, counts and the test clock, at run time. README.md describes the bodies."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from metarr_sandbox.clock import Clock
from metarr_sandbox.provider import Provider
from metarr_sandbox.settings import InvalidSettingError, changed, shown
from metarr_sandbox.wire import whole_number

Providers = Mapping[str, Provider]


def add_control(app: web.Application, providers: Providers, clock: Clock) -> None:
    """Add ``/control`` and all below it."""
    control = Control(providers, clock)
    app.router.add_get("/control", control.state)
    app.router.add_put("/control/providers/{name}", control.configure)
    app.router.add_post("/control/reset", control.reset)
    app.router.add_get("/control/requests", control.requests)
    app.router.add_post("/control/requests/reset", control.count_anew)
    app.router.add_get("/control/clock", control.clock)
    app.router.add_put("/control/clock", control.move_clock)


class Control:
    """The handlers; a body or parameter that cannot be used is a 400 that names the field."""

    def __init__(self, providers: Providers, clock: Clock) -> None:
        self._providers = providers
        self._clock = clock

    async def state(self, _request: web.Request) -> web.Response:
        """Settings of all providers, what they have used today, the clock."""
        return web.json_response(self._state())

    async def configure(self, request: web.Request) -> web.Response:
        """Change some settings of one provider."""
        name = request.match_info["name"]
        provider = self._providers.get(name)
        if provider is None:
            raise _refusal(web.HTTPNotFound, "name", f"there is no provider {name}")
        try:
            provider.configure(changed(provider.settings, await _body(request)))
        except InvalidSettingError as error:
            raise _refusal(web.HTTPBadRequest, error.field, str(error)) from error
        return web.json_response(shown(provider.settings))

    async def reset(self, _request: web.Request) -> web.Response:
        """Everything back to the start and all counts to zero; only the clock's version goes on."""
        for provider in self._providers.values():
            provider.reset()
        await self._clock.move(0)
        return web.json_response(self._state())

    async def requests(self, request: web.Request) -> web.Response:
        """What was asked, per provider; ``?log=n`` adds the last n requests."""
        log = _number(request, "log", 0)
        return web.json_response({name: one.counts.shown(log) for name, one in self._providers.items()})

    async def count_anew(self, _request: web.Request) -> web.Response:
        """Counts from zero; settings, clock and what is used of a day's limit stay."""
        for provider in self._providers.values():
            provider.count_anew()
        return web.json_response(self._state())

    async def clock(self, request: web.Request) -> web.Response:
        """The clock; with ``?after=n`` only once its version is above n, or after 25 seconds."""
        if "after" in request.query:
            await self._clock.wait_after(_number(request, "after", 0))
        return web.json_response(self._clock.shown())

    async def move_clock(self, request: web.Request) -> web.Response:
        """Set ``offsetSeconds`` or add ``advanceSeconds``."""
        match await _body(request):
            case {"offsetSeconds": int() | float() as offset, **rest} if not rest and not isinstance(offset, bool):
                field = "offsetSeconds"
            case {"advanceSeconds": int() | float() as step, **rest} if not rest and not isinstance(step, bool):
                field, offset = "advanceSeconds", self._clock.offset_seconds + step
            case _:
                problem = "give either offsetSeconds or advanceSeconds, a number"
                raise _refusal(web.HTTPBadRequest, "offsetSeconds", problem)
        try:
            await self._clock.move(offset)
        except ValueError as error:
            raise _refusal(web.HTTPBadRequest, field, "must stay within ten years") from error
        return web.json_response(self._clock.shown())

    def _state(self) -> dict[str, Any]:
        now = self._clock.now()
        return {
            "providers": {
                name: shown(one.settings) | {"usedToday": one.used_today(now), "requests": one.counts.requests}
                for name, one in self._providers.items()
            },
            "clock": self._clock.shown() | {"followers": self._clock.followers},
        }


async def _body(request: web.Request) -> object:
    try:
        body: object = await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise _refusal(web.HTTPBadRequest, "", "the body is not JSON") from error
    return body


def _number(request: web.Request, name: str, default: int) -> int:
    number = whole_number(request.query.get(name, str(default)))
    if number is None:
        raise _refusal(web.HTTPBadRequest, name, f"{name}: must be a whole number")
    return number


def _refusal(kind: type[web.HTTPException], field: str, message: str) -> web.HTTPException:
    return kind(text=json.dumps({"error": message, "field": field}), content_type="application/json")
