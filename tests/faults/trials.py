"""Every trial there is, in the order of the report."""

from tests.faults import (
    consumer_faults,
    consumer_parked,
    hop_embedded,
    log_killed,
    log_raced,
    relay_faults,
)
from tests.faults.trial import Trial

TRIALS: tuple[Trial, ...] = (
    *log_raced.TRIALS,
    *log_killed.TRIALS,
    *relay_faults.TRIALS,
    *consumer_faults.TRIALS,
    *consumer_parked.TRIALS,
    *hop_embedded.TRIALS,
)
