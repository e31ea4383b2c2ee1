"""The demonstration in small: the story of 2018 whole, and a handful of the year's events."""

from datetime import date
from pathlib import Path

import pytest

from services.__main__ import load_services
from services.demonstration import play as script
from services.demonstration.england import PlannedEvent, plan
from shared.nhs import synthetic
from shared.nhs.relations import Relation
from shared.runtime.settings import load_settings
from shared.runtime.verbs.demo import build

MIDDLE = date(2023, 10, 1)
EACH_HALF = 3
"""Planned events kept of each half of the year."""


def small_england(folder: Path) -> None:
    """Builds it in a folder, as `opendoor demo` builds the whole; all of the year's events are in
    the care of Demonstration ICB 01."""
    kept = _few()
    providers = {synthetic.trust(1), synthetic.trust(2), *(one.provider for one in kept)}
    relations = tuple(one for one in synthetic.relations() if one.provider in providers)
    settings = load_settings(environment="development", data_dir=folder, synthetic=True)
    folder.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(script, "plan", lambda: kept)
        patch.setattr(synthetic, "relations", lambda: relations)
        build(load_services(), settings, script.play)


def _few() -> tuple[PlannedEvent, ...]:
    ours = {one.provider for one in synthetic.relations() if _led_by_icb_1(one)}
    planned = [one for one in plan() if one.provider in ours]
    early = [one for one in planned if one.recorded_at.date() <= MIDDLE]
    late = [one for one in planned if one.recorded_at.date() > MIDDLE]
    return (*early[:EACH_HALF], *late[:EACH_HALF])


def _led_by_icb_1(relation: Relation) -> bool:
    return relation.role == "lead" and relation.commissioner == synthetic.icb(1)
