"""What the synthetic trusts of 2023/24 report: one plain account for each type, no detail more."""

from typing import Any

from services.demonstration.england import PlannedEvent

_ACCOUNTS: dict[str, tuple[str, list[str]]] = {
    "1": ("A procedure was carried out at another site than the one consented.", []),
    "2": ("An implant other than the one planned was placed.", ["device"]),
    "3": ("An item that should have been counted out was found later.", ["device"]),
    "4": ("A strong potassium solution was picked in place of another.", ["medication"]),
    "5": ("A medicine was given by another route than the one intended.", ["medication"]),
    "6": ("Insulin was drawn up with a device not made for it.", ["medication", "device"]),
    "7": ("Methotrexate was given on more days than the weekly dose.", ["medication"]),
    "9": ("A rail that should have given way under load did not.", ["building"]),
    "10": ("A window opened further than its restrictor should allow.", ["building"]),
    "12": ("A component of an incompatible blood group was given.", ["blood"]),
    "13": ("A feeding tube was in the airway and was used before this was found.", ["device"]),
    "14": ("Water hotter than it should have been scalded a patient.", ["estates_service"]),
    "15": ("A patient requiring oxygen was connected to an air flowmeter.", ["device"]),
}


def report_of(planned: PlannedEvent) -> dict[str, Any]:
    """The body of a planned event's report."""
    account, agents = _ACCOUNTS[planned.code]
    return {
        "kind": "incident",
        "occurred": planned.day.isoformat(),
        "what_happened": account,
        "service_area": "acute",
        "agents": agents,
        "patients": [{"number": 1, "physical_harm": "low", "psychological_harm": "none"}],
        "reporter": {"type": "staff"},
        "source": {"channel": "api", "system": "demonstration"},
        "reference": {"system": "demonstration", "value": f"{planned.provider}-{planned.number}"},
    }
