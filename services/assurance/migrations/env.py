"""Alembic's entrance; see shared/runtime/migrations.py."""

from shared.runtime.migrations import run_environment

run_environment()
