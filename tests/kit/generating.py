"""How Hypothesis behaves here: no limit on the clock, and in CI the same examples every time."""

import os

from hypothesis import settings

settings.register_profile("house", deadline=None, print_blob=True)
settings.register_profile("ci", settings.get_profile("house"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "house")
