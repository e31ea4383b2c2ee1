"""Alembic's entrance to the made-up service's database."""

from shared.runtime.migrations import run_environment

run_environment()
