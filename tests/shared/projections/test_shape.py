"""What makes another shape, which is filled beside the one that is shown."""

from dataclasses import replace

import pytest
from sqlalchemy import Column, Integer, MetaData, Table

from shared.kernel.messages import event
from shared.projections.base import Projection, Rows, Seen
from tests.shared.projections.boxes import BOXES_VIEW


@event("box_weighed")
class BoxWeighed:
    grams: int


async def weighed(rows: Rows, event: BoxWeighed, seen: Seen) -> None:
    """A step that no version had before."""


ANOTHER_TABLE = Table("weights", MetaData(), Column("box", Integer, primary_key=True))
OTHERS: dict[str, Projection] = {
    "a table more": replace(BOXES_VIEW, tables=(*BOXES_VIEW.tables, ANOTHER_TABLE)),
    "an event more": replace(BOXES_VIEW, views={**BOXES_VIEW.views, BoxWeighed: weighed}),
    "another meaning": replace(BOXES_VIEW, version=BOXES_VIEW.version + 1),
}


@pytest.mark.parametrize("name", OTHERS)
def test_it_is_another(name: str):
    assert OTHERS[name].shape != BOXES_VIEW.shape


def test_the_order_of_its_steps_is_none_of_it():
    turned = dict(reversed(list(BOXES_VIEW.views.items())))
    assert replace(BOXES_VIEW, views=turned).shape == BOXES_VIEW.shape
