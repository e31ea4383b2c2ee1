"""How a generated request gets through the door: who asks, for which thing, at times soundly."""

import itertools
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from zlib import crc32

from requests.structures import CaseInsensitiveDict
from schemathesis import GenerationMode

from services.demonstration import story_2018 as story
from shared.security.dev_issuer import LIFETIME
from shared.security.permissions import PERMISSIONS
from tests.journeys.walks import NATIONAL, OTHER_TRUST, TRUST, VISITING
from tests.strangers.fuzzing import Case
from tests.strangers.staged import Staged

ACTING = "NHSD-End-User-Organisation-ODS"
AT: Mapping[str, str] = {
    "trust": TRUST,
    "commissioner": VISITING,
    "region": "Y63",
    "national": NATIONAL,
    "author": NATIONAL,
    "reviewer": NATIONAL,
    "operator": NATIONAL,
    "issuer": NATIONAL,
}
"""An organisation at which each role counts."""
SOUND_EACH, WILD_EACH = 2, 8
"""Every second request that has a sound body gets it; every eighth keeps its headers as they were
generated: a random key, version or organisation ends nearly every request at the door."""
STREAMING = timedelta(seconds=1)
"""The life of a token for a live stream, which ends with it."""

SOUND: Mapping[str, Mapping[str, Any]] = {
    "report_event": story.connected_to_air("2018-12-14"),
    "amend_event": {**story.wrong_side("2018-12-13"), "reason": "correction"},
    "classify_never_event": {"outcome": "meets", "type": story.AIR_FOR_OXYGEN, "reason": "It is."},
    "declare_serious": {
        "identified_on": "2018-12-17",
        "category": "medical_gases",
        "reason_for_reporting": "A patient at risk of severe harm.",
        "level": 2,
    },
    "submit_initial_review": {"summary": "Two outlets.", "immediate_actions": "One was capped."},
    "withdraw_event": {"reason": "duplicate"},
    "record_relation": {"commissioner": VISITING, "role": "associate", "since": "2018-04-01"},
    "acknowledge": {},
    "record_activity": {
        "subjects": [{"kind": "provider", "id": TRUST}],
        "on": "2018-12-17",
        "modes": ["site_visit"],
        "participants": ["commissioner_staff"],
        "findings": "Flowmeters for air were still in place.",
    },
    "mark_seen": {"version": 1},
    "submit_for_review": {},
}
"""Bodies that the domain takes, where the thing is in the right state."""


class Asking:
    """Prepares generated requests to one staged world; the same in the same order every time."""

    def __init__(self, stage: Staged) -> None:
        self._stage = stage
        about = {"suggestion": stage.things["suggestion"], "title": "Air mistaken for oxygen"}
        self._sound = {**SOUND, "start_lesson": about}
        self._count = itertools.count()
        self._roles: dict[str, Iterator[str]] = {}

    def __call__(self, case: Case) -> None:
        """Fills in what no generator can know: a token, and things that are there."""
        n = next(self._count)
        operation = case.operation.definition.raw
        headers: dict[str, str] = dict(case.headers or {})
        if case.meta is None or case.meta.generation.mode is not GenerationMode.NEGATIVE:
            headers = _tame(headers, operation, n) if n % WILD_EACH else headers
            self._lead_in(case, operation, n)
        permission = operation.get("x-permission")
        # Where nobody needs a token, one is judged all the same.
        if permission and (operation["security"] or n % 2):
            headers["Authorization"] = self._token(case.operation.path, headers, permission)
        case.headers = CaseInsensitiveDict(headers)

    def _lead_in(self, case: Case, operation: Mapping[str, Any], n: int) -> None:
        sound = self._sound.get(operation["operationId"])
        if sound is not None and n % SOUND_EACH:
            case.body = dict(sound)
        for name, value in (case.path_parameters or {}).items():
            if name in self._stage.things and crc32(str(value).encode()) % 2:
                case.path_parameters = {**case.path_parameters, name: self._stage.things[name]}

    def _token(self, path: str, headers: Mapping[str, str], permission: str) -> str:
        role = next(self._roles.setdefault(permission, _roles(permission)))
        live = path.endswith("/stream") or "event-stream" in headers.get("accept", "").lower()
        token = self._stage.world.stage.issuer.issue(
            AT[role],
            role,
            lifetime=STREAMING if live else LIFETIME,
            further_organisations=(OTHER_TRUST,) if ACTING in headers else (),
        )
        return f"Bearer {token}"


def _roles(permission: str) -> Iterator[str]:
    """The roles that may ask, in turn; the national one for what only the service itself does."""
    named = [grant.role for grant in PERMISSIONS[permission] if grant.role is not None]
    return itertools.cycle(dict.fromkeys(named or ["national"]))


def _tame(headers: Mapping[str, str], operation: Mapping[str, Any], n: int) -> dict[str, str]:
    """Without what is optional and nearly always wrong, and with a key of its own."""
    needed = {one["name"] for one in operation.get("parameters", ()) if one.get("required")}
    dropped = {ACTING, "If-Match", "Open-Door-After"} - needed
    kept = {name: one for name, one in headers.items() if name not in dropped}
    return {**kept, "Idempotency-Key": f'"fuzz-{n}"'} if "Idempotency-Key" in needed else kept
