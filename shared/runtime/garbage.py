"""How often Python looks for garbage: seldom, since a process keeps most of what it makes."""

import gc

COLLECTED = (50_000, 20, 50)
"""After how many new objects, and rounds, the collector looks; Python's own is (700, 10, 10)."""


def collect_seldom() -> None:
    """From the first import on: modules and models stay, and looking through them again and again
    takes a fifth of a start."""
    gc.set_threshold(*COLLECTED)


def calm_collector() -> None:
    """What a process holds once it is ready, it holds until it ends: looking through modules,
    tables and registers costs every request some of its time."""
    gc.collect()
    gc.freeze()
    collect_seldom()
