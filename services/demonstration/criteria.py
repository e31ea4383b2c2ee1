"""A commissioner's answers to every closure criterion of the 2015 framework."""

from collections.abc import Collection

from shared.nhs.frameworks import SIF2015


def answers(partly: Collection[str] = (), not_met: Collection[str] = ()) -> list[dict[str, str]]:
    """Each criterion answered: met, unless it is named; what is not met is explained."""
    return [_answer(one.id, partly, not_met) for one in SIF2015.criteria]


def _answer(id_: str, partly: Collection[str], not_met: Collection[str]) -> dict[str, str]:
    if id_ in partly:
        comment = "Please say more; the voices of staff and family are missing."
        return {"criterion": id_, "answer": "partly", "comment": comment}
    if id_ in not_met:
        return {"criterion": id_, "answer": "not_met", "comment": "No monitoring is planned."}
    return {"criterion": id_, "answer": "met"}
