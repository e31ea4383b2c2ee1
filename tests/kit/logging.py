"""The logging that stood before, given back after a test that set up its own."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


@contextmanager
def logging_put_back() -> Iterator[None]:
    """Whatever the block does to loggers, handlers and structlog ends with it."""
    root, loggers = logging.getLogger(), logging.Logger.manager.loggerDict
    handlers, level = list(root.handlers), root.level
    levels = {name: one.level for name, one in loggers.items() if isinstance(one, logging.Logger)}
    settings = structlog.get_config()
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        for name, one in levels.items():
            logging.getLogger(name).setLevel(one)
        structlog.contextvars.clear_contextvars()
        structlog.configure(**settings)
