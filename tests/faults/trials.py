"""Every trial there is, in the order of the report."""

from tests.faults.trial import Trial

TRIALS: tuple[Trial, ...] = ()
