"""The Grafana dashboard: each of its queries has something to show when a system that works is scraped."""

import asyncio
import json
import math
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.e2e.client import Api
from tests.e2e.system import System, running

from metarr_local.child import Command, end, spawn
from metarr_local.ports import free_port

DASHBOARD = Path(__file__).parents[2] / "deploy" / "observability" / "dashboard.json"
PROMETHEUS = shutil.which("prometheus")
SECONDS = 120
FILMS = ("tt0111161", "tt0068646", "tt0468569", "tt0050083", "tt0108052")

Panel = dict[str, Any]


def _panels() -> list[Panel]:
    return [panel for panel in json.loads(DASHBOARD.read_text())["panels"] if panel["type"] != "row"]


def _queries() -> dict[str, str]:
    """Query by where it stands; Grafana's own variable is four scrapes long."""
    return {
        f"{panel['title']} {target['refId']}": target["expr"].replace("$__rate_interval", "4s")
        for panel in _panels()
        for target in panel["targets"]
    }


def test_each_panel_says_what_it_shows() -> None:
    """Title, description, unit; ids are unique and panels lie side by side."""
    panels = _panels()
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        assert panel["title"], panel
        assert panel["description"], panel
        assert panel["fieldConfig"]["defaults"]["unit"], panel
        place = panel["gridPos"]
        cells = {(place["x"] + dx, place["y"] + dy) for dx in range(place["w"]) for dy in range(place["h"])}
        assert max(x for x, _ in cells) < 24
        assert not cells & taken, panel["title"]
        taken |= cells


class Prometheus:
    """A Prometheus server that scrapes a system."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self._session = session
        self._url = f"http://127.0.0.1:{port}"

    async def has_data(self, query: str) -> bool:
        """Whether the query gives a number."""
        async with self._session.get(f"{self._url}/api/v1/query", params={"query": query}) as answer:
            body = await answer.json()
        assert body["status"] == "success", body
        return any(math.isfinite(float(series["value"][1])) for series in body["data"]["result"])

    async def all_scraped(self) -> bool:
        """Whether each target was reached."""
        async with self._session.get(f"{self._url}/api/v1/targets") as answer:
            targets = (await answer.json())["data"]["activeTargets"]
        return bool(targets) and all(target["health"] == "up" for target in targets)


@pytest.fixture
async def system() -> AsyncIterator[System]:
    """A system of its own, with a schedule."""
    async with running(METARR_SCHEDULE="0 3 * * *") as one:
        yield one


@pytest.fixture
async def prometheus(system: System, tmp_path: Path) -> AsyncIterator[Prometheus]:
    """Scrapes the four services each second."""
    targets = [f"127.0.0.1:{port}" for port in system.ports.values()]
    scraped = {"job_name": "metarr", "static_configs": [{"targets": targets}]}
    config = tmp_path / "prometheus.json"
    config.write_text(json.dumps({"global": {"scrape_interval": "1s"}, "scrape_configs": [scraped]}))
    port = free_port()
    arguments = (
        str(PROMETHEUS),
        f"--config.file={config}",
        f"--storage.tsdb.path={tmp_path / 'series'}",
        f"--web.listen-address=127.0.0.1:{port}",
    )
    with (tmp_path / "prometheus.log").open("wb") as log:
        process = await spawn(Command(arguments, {}), log)
    async with aiohttp.ClientSession() as session:
        server = Prometheus(session, port)
        async with asyncio.timeout(SECONDS):
            while True:
                assert process.returncode is None, (tmp_path / "prometheus.log").read_text()
                try:
                    if await server.all_scraped():
                        break
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.1)
        yield server
    await end(process, signal.SIGTERM, 10)


@pytest.mark.skipif(PROMETHEUS is None, reason="prometheus is not on the path")
async def test_each_query_has_data(system: System, prometheus: Prometheus) -> None:
    """Given a library that is used, each query of the dashboard gives a number."""
    missing = _queries()
    async with aiohttp.ClientSession() as session, asyncio.timeout(SECONDS):
        api = Api(session, system.url, patient=True)
        ids = [(await api.post("/api/movies", {"title": id_, "imdbId": id_})).data["movieId"] for id_ in FILMS]
        async with api.socket() as socket:
            while missing:
                for movie_id in ids:
                    await api.refresh(socket, movie_id, force=True)
                    await api.get("/api/movies")
                missing = {where: query for where, query in missing.items() if not await prometheus.has_data(query)}
                sys.stdout.write(f"no data yet: {sorted(missing)}\n")
