"""A journey through the three services in which every free text names a patient."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from services.assurance.domain.activity import messages as activity
from services.assurance.domain.case import messages as case
from services.demonstration import story_2018 as story
from services.demonstration.criteria import answers
from services.demonstration.player import Answer, Json, Person
from services.demonstration.story_2018 import LESSON
from services.intake.domain.incident.messages import classification, passages, report, response
from services.learning.domain import adoption, suggestion
from services.learning.domain.lesson import messages as lesson
from tests.journeys.planting import Planted
from tests.journeys.walks import cast_of
from tests.kit.world import World


class Naming:
    """Plays it; `covered` says which fields of which command held a planted text."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.planted = Planted()
        self.covered: dict[type[Any], set[str]] = defaultdict(set)
        self.cast = cast_of(world)

    async def play(self) -> None:
        """From reports to a lesson that is withdrawn, with everything that goes wrong between."""
        await story.relate(self.cast)
        first = await self.case()
        second = await self.case()
        await self.withdrawn()
        await self.rerouted()
        await self.learnt(first, second)
        await self.world.settle()

    async def does(
        self, person: Person, command: type[Any], path: str, body: Json, *, match: str = ""
    ) -> Answer:
        """A command that is accepted, with a note of where it held planted text."""
        self.covered[command] |= set(self.planted.places(body))
        return await (person.writes(path, body, match=match) if match else person.does(path, body))

    def told(self) -> Json:
        text = self.planted.text
        return {
            **story.connected_to_air("2018-12-14"),
            "what_happened": f"{text()} A patient requiring oxygen was connected to air.",
            "immediate_action": text(),
            "location": text(),
            "reporter": {"type": "staff", "role": text()},
            "reference": {"system": text(), "value": text()},
        }

    async def case(self) -> str:
        """One incident from its report to the closing of its case."""
        event = await self.reported()
        await self.world.settle()
        await self.looked_into(event)
        await self.reviewed(event)
        await self.investigated(event)
        return event

    async def reported(self) -> str:
        trust, text, told = self.cast.at_trust(), self.planted.text, self.told()
        created = await self.does(trust, report.ReportEvent, "/intake/events", told)
        path = f"/intake/events/{created.id}"
        changed = {**self.told(), "reference": told["reference"], "reason": text()}
        await self.does(trust, report.AmendEvent, path, changed, match=created.etag)
        met = {"outcome": "meets", "type": "15", "reason": text()}
        await self.does(trust, classification.ClassifyNeverEvent, f"{path}/classification", met)
        declared = {
            "identified_on": "2018-12-17",
            "category": "medical_gases",
            "reason_for_reporting": text(),
            "level": 2,
            "references": [{"system": text(), "value": text()}],
        }
        await self.does(trust, response.DeclareSerious, f"{path}/serious", declared)
        mended = {"text": self.planted.plain()}
        await self.does(
            trust,
            passages.CorrectPassage,
            f"{path}/passages/{await self._open(path)}/correction",
            mended,
        )
        return created.id

    async def _open(self, path: str) -> int:
        """The number of a passage that waits."""
        shown = await self.cast.at_trust().sees(path)
        return int(shown["passages"][0]["number"])

    async def looked_into(self, event: str) -> None:
        visitor, text = self.cast.visitor(), self.planted.text
        path = f"/assurance/cases/{event}"
        await story.acknowledged(visitor, event)
        decided = {"outcome": "meets", "type": "15", "reason": text()}
        await self.does(visitor, case.DecideClassification, f"{path}/classification", decided)
        went, again = [
            (await self.does(visitor, activity.RecordActivity, "/assurance/activities", one)).id
            for one in (self.visit(event), self.visit(event))
        ]
        better = {**self.visit(event), "reason": "incomplete", "explanation": text()}
        path = f"/assurance/activities/{went}/correction"
        await self.does(visitor, activity.CorrectActivity, path, better)
        wrong = {"reason": "recorded_twice", "explanation": text()}
        path = f"/assurance/activities/{again}/withdrawal"
        await self.does(visitor, activity.WithdrawActivity, path, wrong)

    def visit(self, event: str) -> Json:
        text = self.planted.text
        return {
            "subjects": [{"kind": "case", "id": event}],
            "on": "2018-12-18",
            "modes": ["site_visit"],
            "participants": ["commissioner_staff"],
            "evidence": [{"kind": "document", "reference": text()}],
            "findings": text(),
            "support_agreed": text(),
        }

    async def reviewed(self, event: str) -> None:
        trust, visitor, text = self.cast.at_trust(), self.cast.visitor(), self.planted.text
        path, answer = f"/intake/events/{event}/initial-review", {"due": "2018-12-20"}
        for verdict in ("further_information", "accepted"):
            told = {"summary": text(), "immediate_actions": text()}
            await self.does(trust, response.SubmitInitialReview, path, told)
            await self.world.settle()
            said = {"verdict": verdict, "comment": text(), **answer}
            answer = {}
            review = f"/assurance/cases/{event}/initial-review-review"
            await self.does(visitor, case.ReviewInitialReview, review, said)
            await self.world.settle()

    async def investigated(self, event: str) -> None:
        trust, visitor, text = self.cast.at_trust(), self.cast.visitor(), self.planted.text
        for n, verdict in enumerate(("returned", "accepted"), start=1):
            told = {**self.investigation(), **({"answer": text()} if n > 1 else {})}
            path = f"/intake/events/{event}/investigation"
            await self.does(trust, response.SubmitInvestigation, path, told)
            await self.world.settle()
            judged = answers(partly=("B2",) if verdict == "returned" else ())
            given = [{**one, "comment": text()} for one in judged]
            review = {"submission": n, "answers": given, "verdict": verdict}
            path = f"/assurance/cases/{event}/investigation-review"
            await self.does(visitor, case.ReviewInvestigation, path, review)
            await self.world.settle()
        closing = {"learning": text(), "themes": ["medical_gases"], "shallow_reason": text()}
        await self.does(visitor, case.CloseCase, f"/assurance/cases/{event}/closing", closing)
        await self.world.settle()

    def investigation(self) -> Json:
        text = self.planted.text
        lists = ("root_causes", "findings", "areas_for_improvement", "lessons")
        action = {
            "what": text(),
            "owner_role": "head_of_estates",
            "strength": "strong",
            "due": "2019-03-31",
        }
        points: Mapping[str, list[Json]] = {name: [{"text": text()}] for name in lists}
        return {"summary": text(), "factors": ["alarm_absent"], **points, "actions": [action]}

    async def withdrawn(self) -> None:
        trust = self.cast.at_trust()
        event = (await self.does(trust, report.ReportEvent, "/intake/events", self.told())).id
        gone = {"reason": "entered_in_error", "explanation": self.planted.text()}
        path = f"/intake/events/{event}/withdrawal"
        await self.does(trust, report.WithdrawEvent, path, gone)

    async def rerouted(self) -> None:
        """A case of a provider that nobody commissions comes to the national body."""
        trust = self.world.person("DEMOT01", "trust")
        event = await story.reported(trust, story.wrong_side("2018-12-14"))
        await story.classified(trust, event, story.WRONG_SIDE)
        await self.world.settle()
        national = self.world.person(self.cast.national, "national")
        leads = {"to": self.cast.reading, "reason": self.planted.text()}
        await self.does(national, case.Reroute, f"/assurance/cases/{event}/rerouting", leads)

    async def learnt(self, first: str, second: str) -> None:
        author, text = self.cast.author(), self.planted.text
        note = {"reason": "known_lesson", "note": text()}
        path = f"/learning/suggestions/{second}/dismissal"
        await self.does(author, suggestion.Dismiss, path, note)
        start = {"suggestion": first, "title": text()}
        vain = await self.does(author, lesson.StartLesson, "/learning/lessons", start)
        path, why = f"/learning/lessons/{vain.id}/abandonment", {"reason": text()}
        await self.does(author, lesson.AbandonLesson, path, why)
        begun = await self.does(author, lesson.StartLesson, "/learning/lessons", start)
        path = f"/learning/lessons/{begun.id}"
        draft = await self.does(author, lesson.ReviseDraft, path, self.draft(), match=begun.etag)
        await author.writes(path, LESSON, match=draft.etag)
        await story.published(self.cast, begun.id)
        await self.world.settle()
        await self.adopted(begun.id)
        gone = {"reason": "error", "note": text()}
        await self.does(author, lesson.Withdraw, f"{path}/withdrawal", gone)

    def draft(self) -> Json:
        text = self.planted.text
        return {
            **LESSON,
            "title": text(),
            "what_happened": text(),
            "factors": [text()],
            "actions": [{"what": text(), "strength": "weak", "measure": text()}],
            "applies_to": {"devices": [text()]},
            "evidence": text(),
        }

    async def adopted(self, lesson_id: str) -> None:
        trust, text = self.cast.at_trust(), self.planted.text
        path, about = f"/learning/lessons/{lesson_id}/adoption", {"version": 1}
        steps: tuple[tuple[type[Any], str, Json], ...] = (
            (adoption.MarkSeen, "seen", {}),
            (adoption.AnswerRelevance, "relevance", {"applies": True, "note": text()}),
            (adoption.PlanAdoption, "plan", {"actions": [self.planned()]}),
            (
                adoption.DeclareAdopted,
                "declaration",
                {"signed_off_by": "medical_director", "statement": text()},
            ),
            (
                adoption.GiveEvidence,
                "evidence",
                {"evidence": [{"kind": "audit", "shows": text(), "reference": text()}]},
            ),
        )
        for command, step, body in steps:
            await self.does(trust, command, f"{path}/{step}", {**about, **body})

    def planned(self) -> Json:
        return {
            "action": 1,
            "by": "2019-03-31",
            "owner_role": "head_of_estates",
            "note": self.planted.text(),
        }
