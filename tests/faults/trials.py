"""Every trial there is, in the order of the report."""

from tests.faults import log_killed, log_raced
from tests.faults.trial import Trial

TRIALS: tuple[Trial, ...] = (*log_raced.TRIALS, *log_killed.TRIALS)
