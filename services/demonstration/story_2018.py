"""The year 2018 by public facts: air for oxygen, before and after it stood on the list.

A national alert of October 2016 asked for barriers; the mistake joined the never events on
1 February 2018 (type 15). In January it is therefore none, in December it is. One commissioner
goes to see, one reads the paper; three cases close with learning; one lesson comes of two of them.
"""

from dataclasses import dataclass

from services.demonstration.criteria import answers
from services.demonstration.player import Answer, Json, Person, Player

AIR_FOR_OXYGEN = "15"
WRONG_SIDE = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who plays: two trusts with a commissioner each, and the national body that writes lessons.

    `visiting` goes to see, `reading` stays with the paper.
    """

    player: Player
    trust: str
    visiting: str
    other_trust: str
    reading: str
    national: str

    def at_trust(self) -> Person:
        return self.player.person(self.trust, "trust")

    def at_other_trust(self) -> Person:
        return self.player.person(self.other_trust, "trust")

    def visitor(self) -> Person:
        return self.player.person(self.visiting, "commissioner")

    def reader(self) -> Person:
        return self.player.person(self.reading, "commissioner")

    def author(self) -> Person:
        return self.player.person(self.national, "author", "a1")

    def reviewer(self) -> Person:
        return self.player.person(self.national, "reviewer", "r1")

    def operator(self) -> Person:
        return self.player.person(self.national, "operator", "o1")


async def relate(cast: Cast) -> None:
    """The operator records who commissions whom, from an explicit table."""
    for provider, commissioner in (
        (cast.trust, cast.visiting),
        (cast.other_trust, cast.reading),
    ):
        await cast.operator().does(
            f"/assurance/relations/{provider}",
            {"commissioner": commissioner, "role": "lead", "since": "2013-04-01"},
        )


def connected_to_air(day: str) -> Json:
    """The report of a patient who needed oxygen and was connected to air."""
    return {
        "kind": "incident",
        "occurred": day,
        "what_happened": "A patient requiring oxygen was connected to the air flowmeter beside it.",
        "immediate_action": "Oxygen was given at once and the air flowmeter taken down.",
        "location": "Respiratory ward",
        "service_area": "acute",
        "agents": ["device"],
        "patients": [
            {
                "number": 1,
                "age_bracket": "66-85y",
                "physical_harm": "low",
                "psychological_harm": "none",
            }
        ],
        "reporter": {"type": "staff", "role": "nurse"},
        "source": {"channel": "api", "system": "demo-lrms"},
    }


def wrong_side(day: str) -> Json:
    """The report of a block on the wrong side."""
    return {
        "kind": "incident",
        "occurred": day,
        "what_happened": "A nerve block was placed on the side opposite to the one consented.",
        "immediate_action": "The team stopped, told the patient and placed the block anew.",
        "service_area": "acute",
        "patients": [{"number": 1, "physical_harm": "low", "psychological_harm": "low"}],
        "reporter": {"type": "staff"},
    }


async def reported(trust: Person, report: Json) -> str:
    """Posts a report and answers its id."""
    return (await trust.does("/intake/events", report)).id


async def classified(trust: Person, event: str, type_: str) -> Answer:
    """The trust decides that it is a never event of the type; any status."""
    return await trust.post(
        f"/intake/events/{event}/classification",
        {"outcome": "meets", "type": type_, "reason": "The definition on the list is met."},
    )


async def declared(trust: Person, event: str, identified_on: str) -> None:
    """The trust declares a serious incident, to be investigated comprehensively."""
    await trust.does(
        f"/intake/events/{event}/serious",
        {
            "identified_on": identified_on,
            "category": "medical_gases",
            "reason_for_reporting": "A never event with a patient at risk of severe harm.",
            "level": 2,
        },
    )


async def reviewed_at_first(trust: Person, event: str) -> None:
    """The trust submits its initial review."""
    await trust.does(
        f"/intake/events/{event}/initial-review",
        {
            "summary": "Two outlets stand side by side; the air flowmeter was left in place.",
            "immediate_actions": "Air flowmeters were removed from the ward.",
        },
    )


async def investigated(trust: Person, event: str, *, thorough: bool) -> None:
    """The trust submits an investigation; the second one answers what was sent back."""
    body: Json = {
        "summary": "How an air outlet came to be used for oxygen, and what let it.",
        "factors": ["equipment_layout", "alarm_absent"],
        "root_causes": [{"text": "Both flowmeters fit both hands and look alike."}],
        "lessons": [{"text": "Remove what can be mistaken; a label alone does not hold."}],
        "actions": [
            {
                "what": "Cap air outlets wherever air is not needed.",
                "owner_role": "head_of_estates",
                "strength": "strong",
                "due": "2019-03-31",
            }
        ],
    }
    if thorough:
        body["answer"] = "Staff and the family were heard; the actions are aimed at the causes."
        body["actions"].append(
            {
                "what": "Check the wards quarterly for air flowmeters in place.",
                "owner_role": "medical_gas_lead",
                "strength": "intermediate",
                "due": "2019-06-30",
            }
        )
    await trust.does(f"/intake/events/{event}/investigation", body)


async def acknowledged(commissioner: Person, case: str) -> None:
    """The commissioner has seen the case."""
    await commissioner.does(f"/assurance/cases/{case}/acknowledgement", {})


async def read_the_paper(commissioner: Person, case: str, day: str) -> str:
    """A desk review, and nothing else."""
    activity = {
        "subjects": [{"kind": "case", "id": case}],
        "on": day,
        "modes": ["desk_review"],
        "participants": ["commissioner_staff"],
        "findings": "The report and the action plan were read.",
    }
    return (await commissioner.does("/assurance/activities", activity)).id


async def went_to_see(commissioner: Person, case: str, day: str) -> str:
    """A visit, with the voices of staff and family, and a meeting with the leaders."""
    activity = {
        "subjects": [{"kind": "case", "id": case}],
        "on": day,
        "modes": [
            "site_visit",
            "staff_conversation",
            "patient_or_family_conversation",
            "leadership_meeting",
        ],
        "participants": ["commissioner_staff", "frontline_staff", "family_or_carer", "executive"],
        "findings": "Flowmeters for air were still in place on two other wards.",
        "support_agreed": "The commissioner brings the trust together with one that has capped.",
    }
    return (await commissioner.does("/assurance/activities", activity)).id


async def accepted_initial_review(commissioner: Person, case: str) -> None:
    """The commissioner accepts the initial review."""
    path = f"/assurance/cases/{case}/initial-review-review"
    await commissioner.does(
        path, {"verdict": "accepted", "comment": "Thank you; clear and prompt."}
    )


async def sent_back(commissioner: Person, case: str, submission: int) -> None:
    """The investigation goes back, criterion by criterion."""
    await commissioner.does(
        f"/assurance/cases/{case}/investigation-review",
        {
            "submission": submission,
            "answers": answers(partly=("B2", "D1"), not_met=("D4",)),
            "verdict": "returned",
            "due": "2019-01-31",
        },
    )


async def accepted(commissioner: Person, case: str, submission: int) -> None:
    """The investigation is accepted, criterion by criterion."""
    await commissioner.does(
        f"/assurance/cases/{case}/investigation-review",
        {"submission": submission, "answers": answers(), "verdict": "accepted"},
    )


async def closed(
    commissioner: Person, case: str, theme: str, *, shallow_reason: str | None = None
) -> None:
    """The commissioner closes the case and says the learning."""
    body: Json = {
        "learning": "Remove the air flowmeter, and nobody can choose it.",
        "themes": [theme],
    }
    if shallow_reason is not None:
        body["shallow_reason"] = shallow_reason
    await commissioner.does(f"/assurance/cases/{case}/closing", body)


async def suggested(author: Person, case: str) -> Json:
    """The suggestion that the case left for lesson authors, once it is there."""
    body = await author.sees(
        "/learning/suggestions",
        lambda body: any(one["suggestion"] == case for one in body["items"]),
    )
    found: Json = next(one for one in body["items"] if one["suggestion"] == case)
    return found


async def drafted(author: Person, first: str, second: str) -> str:
    """The author starts a lesson from one suggestion, adds another, and writes it."""
    lesson = (
        await author.does(
            "/learning/lessons", {"suggestion": first, "title": "Air mistaken for oxygen"}
        )
    ).id
    added = await author.does(f"/learning/lessons/{lesson}/sources", {"suggestion": second})
    await author.writes(f"/learning/lessons/{lesson}", LESSON, match=added.etag)
    return lesson


LESSON: Json = {
    "title": "Take the air flowmeter away, and nobody can mistake it for oxygen",
    "what_happened": "Patients who needed oxygen were connected to medical air from a like outlet.",
    "factors": ["Outlets side by side", "Flowmeters that look alike", "Air left connected"],
    "actions": [
        {
            "what": "Cap or remove wall outlets for air where air is not needed.",
            "strength": "strong",
            "measure": "Share of wards without an air flowmeter in place",
        },
        {
            "what": "Keep air flowmeters in one locked place and book them out.",
            "strength": "intermediate",
            "measure": "Flowmeters found outside that place at a quarterly walk",
        },
    ],
    "applies_to": {
        "provider_types": ["trust", "independent_provider"],
        "settings": ["acute"],
        "never_event_types": [{"list": "2018-02-01", "type": AIR_FOR_OXYGEN}],
        "devices": ["flowmeter"],
    },
    "response": "adopt_or_explain",
    "respond_by": "2019-06-30",
    "themes": ["medical_gases"],
}


async def published(cast: Cast, lesson: str) -> Answer:
    """Submitted by the author, approved by somebody else, published."""
    await cast.author().does(f"/learning/lessons/{lesson}/review", {})
    await cast.reviewer().does(f"/learning/lessons/{lesson}/approval", {})
    return await cast.author().does(f"/learning/lessons/{lesson}/publication", {})


async def adopted(trust: Person, lesson: str, version: int = 1) -> None:
    """The trust answers the lesson: seen, it applies, planned, done, shown."""
    path, about = f"/learning/lessons/{lesson}/adoption", {"version": version}
    await trust.does(f"{path}/seen", about)
    await trust.does(f"{path}/relevance", {**about, "applies": True})
    plan = [{"action": 1, "by": "2019-03-31", "owner_role": "head_of_estates"}]
    await trust.does(f"{path}/plan", {**about, "actions": plan})
    await trust.does(f"{path}/declaration", {**about, "signed_off_by": "medical_director"})
    shown = [{"kind": "audit", "shows": "A walk of all wards found no air flowmeter in place."}]
    await trust.does(f"{path}/evidence", {**about, "evidence": shown})
