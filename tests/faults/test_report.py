"""The page tells every figure of every trial, and what was found."""

from collections import Counter

from tests.faults.checker import Class, Finding
from tests.faults.report import Result, Run, page
from tests.faults.trial import Plan, Tally, Trial

RUN = Run(
    command="make faults ROUNDS=1000 SEED=7",
    seed=7,
    day="2026-11-25",
    machine="2 cores",
    servers=("PostgreSQL 15.18, by a test",),
    minutes=12.4,
)


async def never(_plan: Plan) -> Tally:
    raise NotImplementedError


TRIAL = Trial(name="log killed", promises="R1", method="Kills.", run=never, short=2, share=10)


def test_each_figure_stands_in_its_column():
    tally = Tally(rounds=100, acknowledged=12345, faults=Counter({"kill -9": 99}), slowest=1.26)
    tally.findings = [
        Finding(Class.LOST_WRITE, "e1"),
        Finding(Class.DUPLICATE, "e2"),
        Finding(Class.DUPLICATE, "e3"),
        Finding(Class.NON_MONOTONIC, "e4"),
    ]
    tally.remarks["fairness"] = "0.98"
    written = page(RUN, [Result(trial=TRIAL, tally=tally)])
    assert "| log killed | R1 | 100 | 99 kill -9 | 12,345 | 1 | 2 | 1 | 0 | 1.3 s |" in written
    assert "- log killed: C1 lost write: e1" in written
    assert "fairness 0.98" in written
    assert "`make faults ROUNDS=1000 SEED=7`" in written


def test_what_could_not_be_tried_is_said():
    written = page(RUN, [Result(trial=TRIAL, tally=Tally(), missing="No Kafka.")])
    assert "Not tried: No Kafka." in written


def test_a_tenth_of_the_rounds_and_never_none():
    assert [TRIAL.rounds(asked) for asked in (1000, 5)] == [100, 1]


def test_a_seed_replays_its_chances(tmp_path):
    one, same, other = (Plan(trial="t", seed=seed, rounds=1, folder=tmp_path) for seed in (1, 1, 2))
    assert one.chance(3).random() == same.chance(3).random() != other.chance(3).random()
