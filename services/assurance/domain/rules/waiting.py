"""What can wait in a case: the step it belongs to, and whose it is."""

from dataclasses import dataclass
from typing import Literal

Seat = Literal["provider", "lead", "associate", "region", "national"]
NATIONAL = "*national"
"""Stands for whichever national body holds a seat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that waits: a step of the role table, the seat that holds it, plain words."""

    step: str
    seat: Seat
    title: str


ITEMS: dict[str, Item] = {
    "reroute": Item(step="notify", seat="region", title="Name the commissioner that leads"),
    "acknowledge": Item(step="notify", seat="lead", title="Acknowledge the case"),
    "declare": Item(step="notify", seat="provider", title="Declaration awaited"),
    "initial_review": Item(step="initial_review", seat="provider", title="Send the initial review"),
    "review_initial_review": Item(step="review", seat="lead", title="Answer the initial review"),
    "further_information": Item(
        step="initial_review", seat="provider", title="Send what was asked for"
    ),
    "investigation": Item(step="investigate", seat="provider", title="Send the investigation"),
    "review_investigation": Item(step="review", seat="lead", title="Answer the investigation"),
    "resubmit": Item(step="investigate", seat="provider", title="Send the investigation again"),
    "close": Item(step="close", seat="lead", title="Close the case"),
}
