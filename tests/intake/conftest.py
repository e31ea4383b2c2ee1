"""Databases for read models."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine


@pytest.fixture
def connection() -> Iterator[Connection]:
    """An empty SQLite database, in memory."""
    yield from _connected("sqlite://")


@pytest.fixture
def postgres_connection(postgres_url: str) -> Iterator[Connection]:
    """An empty database on a real PostgreSQL."""
    yield from _connected(postgres_url.replace("+asyncpg", "+psycopg"))


def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
