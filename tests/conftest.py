"""What every test may ask for; each line is one part of the kit."""

import pytest

# Otherwise a failure in the kit says AssertionError and nothing else.
pytest.register_assert_rewrite("tests.kit")

pytest_plugins = ["tests.kit.generating", "tests.kit.reference", "tests.kit.servers.plugin"]
