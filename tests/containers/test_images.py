"""The images as they are used: built, started by Compose, worked with, stopped, started again. Minutes long.

    METARR_TEST_IMAGES=1 make test ARGS="tests/containers"

Where no registry is reached: `tests/containers/base_images.sh` first, and PYTHON_IMAGE, NODE_IMAGE, NATS_IMAGE and
POSTGRES_IMAGE in the environment.
"""

import asyncio
import json
import re

import aiohttp
import pytest
from tests.containers.engine import Container, Stack, run
from tests.e2e.client import Api

from metarr_sandbox.catalog import demo_library

SERVICES = ("api-gateway", "enricher", "scheduler", "projector")
IN_TIME = 10
"""Seconds until Docker kills what it has asked to end."""


FILMS_SECONDS = 60
WHAT_IT_MAY = """
import json, os
status = dict(line.split(':', 1) for line in open('/proc/self/status'))
def refused(folder):
    try:
        open(folder + '/probe', 'w')
    except OSError as error:
        return error.strerror
print(json.dumps([
    os.getuid(), os.getgid(), *(status[name].strip() for name in ('CapEff', 'CapBnd', 'NoNewPrivs')),
    *map(refused, ('/opt/metarr', '/etc', '/var/lib', '/tmp')),
]))
"""
LEAVE_AN_ORPHAN = """
import pathlib, subprocess, time
command = ['sh', '-c', 'sleep 0.1 >/dev/null & echo $!']
orphan = pathlib.Path('/proc', subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout.strip())
end = time.monotonic() + 10
while orphan.exists() and time.monotonic() < end:
    time.sleep(0.05)
print('left behind' if orphan.exists() else 'gone')
"""


LOOK_FOR_TOOLS = """
import json, os, shutil, subprocess, sys
found = [name for name in ('pip', 'pip3', 'node', 'npm', 'cc', 'gcc', 'make') if shutil.which(name)]
for python in (sys.executable, os.path.realpath(sys.executable)):
    if subprocess.run([python, '-c', 'import pip'], capture_output=True).returncode == 0:
        found.append(python + ' -m pip')
print(json.dumps(found))
"""


OWN_SECRETS = {
    "api-gateway": ("api-key", "nats-url-gateway"),
    "enricher": ("nats-url-enricher",),
    "scheduler": ("nats-url-scheduler",),
    "projector": ("nats-url-projector", "database-writer-url", "database-reader-url"),
}
"""In the demo, which has no keys of providers."""

TAKE_AWAY = r"""
import json, re, socket
from urllib.parse import urlsplit
parts = urlsplit(URL)
connection = socket.create_connection((parts.hostname, parts.port), 10)
said = connection.makefile()
said.readline()
login = {'user': parts.username, 'pass': parts.password} if parts.username else {}
lines = ['CONNECT ' + json.dumps({'verbose': False, **login}), 'PUB $JS.API.STREAM.DELETE.METARR_EVENTS 0', '', 'PING']
connection.sendall(''.join(line + '\r\n' for line in lines).encode())
print(re.match(r"-ERR '(\w+ \w+)", said.readline())[1])
"""
LOOK_AT_THE_DATABASE = """
import asyncio, asyncpg, json
async def look():
    found = []
    for role in ('writer', 'reader'):
        connection = await asyncpg.connect(open(f'/run/secrets/database-{role}-url').read().strip())
        row = await connection.fetchrow('SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user')
        found.append(list(row))
    try:
        await connection.execute('DELETE FROM control.checkpoint')
    except asyncpg.PostgresError:
        found.append('refused')
    print(json.dumps(found))
asyncio.run(look())
"""


async def assert_works(api: Api, movie_id: int) -> None:
    """The page is served with its script; a film is refreshed and watched; a run over the library ends."""
    async with api.session.get(f"{api.url}/media/movies/{movie_id}/edit", headers={"Accept": "text/html"}) as page:
        (script, *_) = re.findall(r'src="(/assets/[^"]+\.js)"', await page.text())
    async with api.session.get(api.url + script) as asset:
        assert (asset.status, asset.headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    async with api.socket() as socket:
        await socket.subscribe(movie_id)
        end = (await api.refresh(socket, movie_id))[-1]
    assert end["type"] == "enrichment:complete"
    status = (await api.get(f"/api/movies/{movie_id}/enrichment-status")).data
    assert status["completeness"] == end["completeness"] > 0
    async with api.session.get(f"{api.url}/api/movies/{movie_id}/images/poster") as picture:
        assert picture.status == 200, await picture.text()
    assert (await api.run_ended(await api.start_run()))["status"] == "completed"


async def figures(api: Api) -> object:
    """What the library looks like, as soon as all films of the demo are in it."""
    async with asyncio.timeout(FILMS_SECONDS):
        while True:
            answer = await api.get("/api/movies/enrichment/stats")
            # One container is healthy when its web server is; the others in it may need a moment more.
            if answer.status == 200 and answer.data["total"] == len(demo_library()):
                return answer.data
            await asyncio.sleep(0.1)


async def assert_shut_in(container: Container) -> None:
    """A user without rights or capabilities, and nothing that it could write to but its volumes."""
    looked = await container.python(WHAT_IT_MAY)
    none = "0" * 16
    read_only = ["Read-only file system"] * 3
    assert json.loads(looked) == [10001, 10001, none, none, "1", *read_only, None]
    assert await container.written() == set()


async def test_the_four_services_work(demo: Stack, demo_api: Api) -> None:
    """With the demo's films in them, and each service ready."""
    await figures(demo_api)
    for service in SERVICES:
        state = (await (await demo.container(service)).inspect())["State"]
        assert state["Health"]["Status"] == "healthy"
        assert json.loads(state["Health"]["Log"][-1]["Output"]) == {"status": "ready"}
    await assert_works(demo_api, 1)


@pytest.mark.parametrize("service", SERVICES)
async def test_each_service_is_shut_in(demo: Stack, demo_api: Api, service: str) -> None:
    """And has written nothing but to its volumes, and every line of its log is for a machine."""
    await demo_api.post("/api/movies/2/enrich")
    container = await demo.container(service)
    await assert_shut_in(container)
    lines = (await run("docker", "logs", container.id)).splitlines()
    assert {json.loads(line)["service"] for line in lines} == {service}


async def test_no_secret_is_shown(demo: Stack) -> None:
    """Neither by the engine nor by what a process was started with."""
    secrets = {file.read_text(encoding="utf-8").strip() for file in (demo.folder / "secrets").iterdir()} - {""}
    for service in (*SERVICES, "nats", "postgres", "setup", "library"):
        container = await demo.container(service)
        shown = json.dumps(await container.inspect()) + await run("docker", "logs", container.id)
        assert not [secret for secret in secrets if secret in shown], service


async def test_nobody_gets_in_without_the_key(demo: Stack, home: Stack) -> None:
    """Neither to the API nor to the socket nor to the figures; a person signs in with it and has a session."""
    for url, key in ((demo.url, demo.secret("api-key")), (home.url, await home.made_key())):
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
            for path in ("/api/movies", "/ws", "/metrics", "/api/docs"):
                async with client.get(url + path) as answer:
                    assert answer.status == 401, path
            async with client.post(f"{url}/api/session", json={"apiKey": "not-the-right-one-at-all"}) as answer:
                assert answer.status == 401
            async with client.post(f"{url}/api/session", json={"apiKey": key}) as answer:
                assert answer.status == 200
            async with client.get(f"{url}/api/movies") as answer:
                assert answer.status == 200


async def test_each_service_may_do_its_own_on_the_bus_and_no_more(demo: Stack) -> None:
    """It has a user of its own; without one nobody gets in, and only setup may take a stream away."""
    gateway = await demo.container("api-gateway")
    for address, refusal in (
        ("open('/run/secrets/nats-url-gateway').read().strip()", "Permissions Violation"),
        ("'nats://nats:4222'", "Authorization Violation"),
    ):
        assert (await gateway.python(f"URL = {address}{TAKE_AWAY}")).strip() == refusal


async def test_each_container_has_its_own_secrets(demo: Stack) -> None:
    """And cannot see another's."""
    for service, own in OWN_SECRETS.items():
        seen = await (await demo.container(service)).python("import os; print(*sorted(os.listdir('/run/secrets')))")
        assert seen.split() == sorted(own), service


async def test_the_projector_is_not_the_owner_of_the_database(demo: Stack) -> None:
    """Its two roles may log in; the one that answers questions can change nothing."""
    looked = await (await demo.container("projector")).python(LOOK_AT_THE_DATABASE)
    assert json.loads(looked) == [["metarr_writer", False], ["metarr_reader", False], "refused"]


async def test_the_four_services_end_in_time_and_begin_again(demo: Stack, demo_api: Api) -> None:
    """Each ends by itself with 0 when it is asked to, and what was known before is known after."""
    before = await figures(demo_api)
    for service in (*SERVICES, "sandbox", "nats", "postgres"):
        code, seconds = await (await demo.container(service)).stop()
        assert (service, code, seconds < IN_TIME) == (service, 0, True)
    await demo("down")
    await demo.up()
    assert await figures(demo_api) == before


async def test_one_container_works(home: Stack, home_api: Api) -> None:
    """Everything in it, with the demo's films."""
    state = (await (await home.container("metarr")).inspect())["State"]
    assert state["Health"]["Status"] == "healthy"
    await figures(home_api)
    await assert_works(home_api, 1)
    await assert_shut_in(await home.container("metarr"))


async def test_one_container_ends_in_time_and_begins_again(home: Stack, home_api: Api) -> None:
    """With what it knew before, in another container with the same volume."""
    before = await figures(home_api)
    code, seconds = await (await home.container("metarr")).stop()
    assert (code, seconds < IN_TIME) == (0, True)
    await home("down")
    await home.up()
    assert await figures(home_api) == before


async def test_one_container_reaps_its_children(home: Stack) -> None:
    """A process that lost its parent leaves nothing behind when it ends."""
    assert (await (await home.container("metarr")).python(LEAVE_AN_ORPHAN)).strip() == "gone"


@pytest.mark.parametrize("image", [*SERVICES, "metarr"])
async def test_no_image_holds_what_it_was_built_with(images: None, image: str) -> None:
    """Neither pip nor Node nor a compiler."""
    del images
    look = ("--rm", "--entrypoint", "python", f"metarr/{image}:0.1.0", "-c", LOOK_FOR_TOOLS)
    assert json.loads(await run("docker", "run", *look)) == []


@pytest.mark.parametrize("image", [*SERVICES, "metarr"])
async def test_labels_say_what_it_is(images: None, image: str) -> None:
    """Title, version, revision; and no more layers of packages than are needed."""
    del images
    (found,) = json.loads(await run("docker", "image", "inspect", f"metarr/{image}:0.1.0"))
    labels = found["Config"]["Labels"]
    assert labels["org.opencontainers.image.version"] == "0.1.0"
    assert labels["org.opencontainers.image.title"].startswith("Metarr")
    assert re.fullmatch("[0-9a-f]{40}", labels["org.opencontainers.image.revision"])
    assert found["Config"]["User"] == "10001:10001"


async def test_a_service_without_settings_says_what_it_lacks(images: None) -> None:
    """And ends with 2: it is not worth another start."""
    del images
    with pytest.raises(AssertionError, match="no provider key is set"):
        await run("docker", "run", "--rm", "metarr/enricher:0.1.0")


async def test_the_command_can_be_called(images: None) -> None:
    """`metarr` is the entry point of the one that has everything."""
    del images
    said = await run("docker", "run", "--rm", "metarr/metarr:0.1.0", "--help")
    assert {"run", "setup", "import", "rebuild"} <= set(said.split())


async def test_only_the_web_server_is_published(demo: Stack) -> None:
    """For this machine alone."""
    ports = (await (await demo.container("api-gateway")).inspect())["NetworkSettings"]["Ports"]
    assert {binding["HostIp"] for bindings in ports.values() for binding in bindings or ()} == {"127.0.0.1"}
    for service in ("nats", "postgres", "enricher", "scheduler", "projector"):
        ports = (await (await demo.container(service)).inspect())["NetworkSettings"]["Ports"]
        assert not [binding for bindings in ports.values() for binding in bindings or ()]
