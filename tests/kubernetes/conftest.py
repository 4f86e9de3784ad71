"""Overlays are built once; without a program that can do it these tests are skipped."""

from functools import cache

import pytest
from tests.kubernetes.manifests import FOLDER, OVERLAYS, Manifests, build, kustomize


@cache
def _built(overlay: str) -> Manifests:
    if kustomize() is None:
        pytest.skip("neither kustomize nor kubectl is installed (tests/kubernetes/fetch_tools.sh brings it)")
    return build(FOLDER / "overlays" / overlay)


@pytest.fixture(params=OVERLAYS)
def manifests(request: pytest.FixtureRequest) -> Manifests:
    """Each overlay."""
    return _built(request.param)


@pytest.fixture
def production() -> Manifests:
    """The overlay for production."""
    return _built("production")


@pytest.fixture
def dev() -> Manifests:
    """The overlay for a demo."""
    return _built("dev")
