"""The document says what the application does: the same routes, all failures, valid examples."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from metarr_contracts.asyncapi import CLIENT_FRAMES, SERVER_FRAMES
from metarr_contracts.base import Value
from metarr_contracts.fields import TRACKED
from metarr_gateway import examples
from metarr_gateway.app import HANDLERS, build_app
from metarr_gateway.errors import KINDS
from metarr_gateway.openapi import document
from metarr_gateway.openapi_30 import translate
from metarr_gateway.routes import OPEN_PATHS, ROUTES, UI_PATHS
from metarr_gateway.ui_files import UiFiles
from metarr_gateway.ui_routes import add_ui

DOCUMENT = document()
OPERATIONS = [
    (path, method, operation) for path, item in DOCUMENT["paths"].items() for method, operation in item.items()
]
SAMPLES = Path(__file__).parents[3] / "contracts" / "samples"
LIMITED = {"429", "431"}
UNDOCUMENTED = {("GET", "/api/docs/{file}")}


def problems(schema: dict[str, Any], value: object) -> list[str]:
    """What is wrong with a value by a schema of the document."""
    resolved = {**schema, "components": DOCUMENT["components"]}
    return [error.message for error in OAS31Validator(resolved).iter_errors(value)]


def test_it_is_valid() -> None:
    """OpenAPI 3.1, and its translation 3.0."""
    assert DOCUMENT["openapi"] == "3.1.0"
    validate(DOCUMENT)
    validate(translate(DOCUMENT))


def test_every_route_is_in_it_and_nothing_else() -> None:
    """The application serves exactly what is documented, apart from the parts of the page."""
    served = {(route.method, route.resource.canonical) for route in build_app().router.routes() if route.resource}
    served = {(method, path) for method, path in served if method != "*"}
    documented = {(method.upper(), path) for path, method, _ in OPERATIONS}
    assert served - UNDOCUMENTED == documented
    assert {route.name for route in ROUTES} == set(HANDLERS)


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_examples_are_what_the_schemas_say(path: str, method: str, operation: dict[str, Any]) -> None:
    """Examples of bodies, answers and failures are valid; every failure is shown."""
    bodies = list(operation.get("requestBody", {}).get("content", {}).values())
    answers = [content for answer in operation["responses"].values() for content in answer.get("content", {}).values()]
    for content in (*bodies, *answers):
        shown = [content["example"]] if "example" in content else []
        shown += [example["value"] for example in content.get("examples", {}).values()]
        for example in shown:
            assert problems(content["schema"], example) == [], (path, method)
    for status, answer in operation["responses"].items():
        codes = answer.get("content", {}).get("application/json", {}).get("examples", {})
        assert all(KINDS[code].status == int(status) for code in codes)


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_every_answer_of_the_library_has_an_example(path: str, method: str, operation: dict[str, Any]) -> None:
    """Apart from the two whose examples would be long."""
    contents = [
        content
        for status, answer in operation["responses"].items()
        for content in answer.get("content", {}).values()
        if status.startswith("2") and "schema" in content
    ]
    without_example = {"list_movies", "get_movie"}
    assert not contents or operation["operationId"] in without_example or any("example" in c for c in contents)
    assert operation["summary"], (path, method)


def test_too_many_refreshes_say_when_to_come_again() -> None:
    """The header of 429 is documented."""
    refresh = DOCUMENT["paths"]["/api/movies/{id}/enrich"]["post"]
    assert "Retry-After" in refresh["responses"]["429"]["headers"]
    assert set(refresh["responses"]) == LIMITED | {"202", "400", "401", "403", "404", "408", "409", "413", "415", "500"}
    assert refresh["requestBody"]["required"] is False


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_credentials_are_documented(path: str, method: str, operation: dict[str, Any]) -> None:
    """Every operation asks for the key or a session, unless it says that it asks for neither."""
    asked = DOCUMENT["security"]
    assert asked == [{"apiKey": []}, {"session": []}]
    is_open = operation.get("security") == []
    assert is_open == (path in {"/api/session", "/healthz", "/readyz"}), (path, method)
    challenged = {"not_signed_in", "wrong_api_key"}
    refused = operation["responses"].get("401", {}).get("content", {}).get("application/json", {}).get("examples", {})
    assert is_open or challenged <= set(refused)


def test_an_address_is_open_by_every_method_or_none() -> None:
    """What is open is found by the address, so that a method that it does not know is answered there too."""
    for path in OPEN_PATHS - UI_PATHS:
        assert all(route.open for route in ROUTES if route.path == path), path


def test_the_ui_is_where_the_table_says(tmp_path: Path) -> None:
    """Its addresses are open, and are added only where there is a UI."""
    app = web.Application()
    add_ui(app, UiFiles(tmp_path))
    assert {route.resource.canonical for route in app.router.routes() if route.resource} == UI_PATHS


def test_a_run_is_started_as_documented() -> None:
    """Its statuses, the header of 429, and that no body means the defaults."""
    start = DOCUMENT["paths"]["/api/enrichment/bulk-run"]["post"]
    assert "Retry-After" in start["responses"]["429"]["headers"]
    assert set(start["responses"]) == LIMITED | {"202", "400", "401", "403", "408", "409", "413", "415", "500"}
    assert start["requestBody"]["required"] is False


def test_a_provider_in_a_path_is_one_of_ours() -> None:
    """Names in paths are not numbers."""
    resume = DOCUMENT["paths"]["/api/providers/{name}/resume"]["post"]
    assert resume["parameters"][0]["schema"] == {"enum": ["tmdb", "omdb", "fanart"]}
    assert set(resume["responses"]) == LIMITED | {"200", "400", "401", "403", "404", "409", "500"}


@pytest.mark.parametrize(("path", "largest"), [("/api/movies/{id}", 999_999_999), ("/api/jobs/{id}", 2**53)])
def test_the_largest_id_is_documented(path: str, largest: int) -> None:
    """Nobody has to try which ids there can be."""
    (parameter, *_) = DOCUMENT["paths"][path]["get"]["parameters"]
    assert parameter["schema"] == {"type": "integer", "minimum": 1, "maximum": largest}


def test_parameters_are_never_null() -> None:
    """A query string cannot say it; what is not asked for is left out."""
    for _, _, operation in OPERATIONS:
        for parameter in operation["parameters"]:
            assert "null" not in json.dumps(parameter["schema"]), parameter


def test_the_names_of_fields_are_documented() -> None:
    """Those that can be missing, set, locked and unlocked: an unknown one is a mistake that a program can see."""
    listing = {one["name"]: one["schema"] for one in DOCUMENT["paths"]["/api/movies"]["get"]["parameters"]}
    assert listing["missing"] == {"type": "string", "enum": [field.name for field in TRACKED]}
    change = {"$ref": "#/components/schemas/ChangeRequest"}
    assert problems(change, {"fields": {"tagline": "x"}, "lock": ["title"], "unlock": ["plot"]}) == []
    for wrong in ({"fields": {"smell": "x"}}, {"fields": {"title": "x"}}, {"lock": ["smell"]}, {"unlock": [""]}):
        assert problems(change, wrong) != [], wrong
    assert DOCUMENT["paths"]["/api/movies/{id}"]["patch"]["requestBody"]["required"] is False


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({"tmdbId": 603}, True),
        ({"imdbId": "tt0133093", "tmdbId": None}, True),
        ({"imdbId": " TT133093 "}, True),
        ({"imdbId": "tt0"}, False),
        ({"imdbId": "tt12345678901"}, False),
        ({"imdbId": "603", "tmdbId": 603}, False),
        ({"imdbId": None}, False),
        ({}, False),
    ],
)
def test_exactly_one_id_says_which_film_it_is(wanted: dict[str, object], *, fits: bool) -> None:
    """Also in the document."""
    assert (problems({"$ref": "#/components/schemas/IdentifyRequest"}, wanted) == []) is fits


def test_links_lead_to_operations_with_that_parameter() -> None:
    """What an answer brings is named, and so is where it goes."""
    operations = {operation["operationId"]: operation for _, _, operation in OPERATIONS}
    followed = [
        link
        for operation in operations.values()
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    ]
    assert followed
    for link in followed:
        known = {parameter["name"] for parameter in operations[link["operationId"]]["parameters"]}
        assert link["parameters"].keys() <= known


def test_a_search_needs_a_title() -> None:
    """What may be left out and what not is said of each parameter."""
    search = DOCUMENT["paths"]["/api/candidates"]["get"]
    assert {one["name"]: one["required"] for one in search["parameters"]} == {"title": True, "year": False}
    assert set(search["responses"]) == LIMITED | {"200", "400", "401", "403", "409", "500"}


@pytest.mark.parametrize(
    ("union", "frame"),
    [("ServerFrame", frame) for frame in SERVER_FRAMES] + [("ClientFrame", frame) for frame in CLIENT_FRAMES],
)
def test_what_goes_through_the_socket_is_described(union: str, frame: type[Value]) -> None:
    """Every frame is one of a closed set of shapes, told apart by its type."""
    schemas = DOCUMENT["components"]["schemas"]
    sample = frame.model_validate_json((SAMPLES / f"websocket.{frame.__name__}.json").read_bytes())
    sent = json.loads(sample.to_json())
    assert problems({"$ref": f"#/components/schemas/{union}"}, sent) == []
    assert schemas[union]["discriminator"]["mapping"][sent["type"]] == f"#/components/schemas/{frame.__name__}"
    assert problems({"$ref": f"#/components/schemas/{union}"}, {**sent, "type": "bulk:news"}) != []


def test_the_socket_says_where_its_frames_are_described() -> None:
    """Names of schemas in its description are names of the document."""
    named = re.findall(r"`(\w+)`", DOCUMENT["paths"]["/ws"]["get"]["description"])
    assert {"ServerFrame", "ClientFrame"} <= set(named) <= set(DOCUMENT["components"]["schemas"])


def test_every_example_belongs_to_a_route() -> None:
    """No example is forgotten when a route goes."""
    names = {route.name for route in ROUTES}
    assert set(examples.ANSWERS) <= names
    assert set(examples.BODIES) == {route.name for route in ROUTES if route.body}


def test_the_translation_has_nothing_of_3_1() -> None:
    """Swagger UI's version knows neither `null` as a type nor `const`."""
    text = json.dumps(translate(DOCUMENT)["components"])
    assert '"type": "null"' not in text
    assert '"const"' not in text


def test_limits_are_told_of() -> None:
    """Each route but the probes may be asked too often; one with a body may wait in vain for it."""
    for path, _method, operation in OPERATIONS:
        limited = path not in {"/healthz", "/readyz"}
        assert (set(operation["responses"]) >= LIMITED) is limited, path
        assert ("408" in operation["responses"]) is ("requestBody" in operation), path
        if limited:
            answer = operation["responses"]["429"]
            assert "too_many_requests" in answer["content"]["application/json"]["examples"]
            assert "Retry-After" in answer["headers"]
