"""Overlays as a cluster would get them, rendered once a run."""

from typing import Any

import pytest

from tests.deploy.files import render

OVERLAYS = ("dev", "production")


@pytest.fixture(scope="session", params=OVERLAYS)
def rendered(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    """Every resource of one overlay."""
    return render(f"overlays/{request.param}")


@pytest.fixture(scope="session")
def production() -> list[dict[str, Any]]:
    """Every resource of the overlay for production."""
    return render("overlays/production")
