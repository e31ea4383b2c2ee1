"""Assurance over HTTP: what may be read; what may be written is mounted from COMMANDS."""

from services.assurance.api.activities import routes as activities
from services.assurance.api.cases import routes as cases
from services.assurance.api.events import routes as events
from services.assurance.api.lists import routes as lists
from services.assurance.api.relations import routes as relations
from services.assurance.api.roles import routes as roles

ROUTERS = (cases, lists, activities, roles, relations, events)
"""A router factory each, in the order of the OpenAPI page."""
