"""What every test may ask for; each line is one part of the kit."""

import pytest

from shared.runtime.garbage import calm_collector, collect_seldom

# Otherwise a failure in the kit says AssertionError and nothing else.
pytest.register_assert_rewrite("tests.kit")

pytest_plugins = ["tests.kit.generating", "tests.kit.reference", "tests.kit.servers.plugin"]

collect_seldom()


def pytest_collection_finish() -> None:
    """All tests are loaded and stay: the collector is spared what it would look through for each
    of them."""
    calm_collector()
