"""Every trial there is, in the order of the report."""

from tests.faults import (
    consumer_faults,
    consumer_parked,
    consumer_poison,
    hop_embedded,
    hop_network,
    hop_product,
    log_batch,
    log_cut,
    log_fair,
    log_file_damaged,
    log_frozen,
    log_killed,
    log_raced,
    log_server_killed,
    log_tampered,
    projection_crash,
    projection_rebuild,
    relay_faults,
)
from tests.faults.trial import Trial
from tests.strangers import keyed

TRIALS: tuple[Trial, ...] = (
    *log_raced.TRIALS,
    *log_fair.TRIALS,
    *log_frozen.TRIALS,
    *log_batch.TRIALS,
    *log_cut.TRIALS,
    *log_killed.TRIALS,
    *log_server_killed.TRIALS,
    *log_tampered.TRIALS,
    *log_file_damaged.TRIALS,
    *relay_faults.TRIALS,
    *consumer_faults.TRIALS,
    *consumer_parked.TRIALS,
    *hop_embedded.TRIALS,
    *projection_crash.TRIALS,
    *projection_rebuild.TRIALS,
    *consumer_poison.TRIALS,
    *hop_network.TRIALS,
    *keyed.TRIALS,
    *hop_product.TRIALS,
)
