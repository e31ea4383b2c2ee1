"""What every log promises; each adapter's test class inherits the cases and supplies fixtures."""

from tests.kit.cases.log_leases import LeaseCases
from tests.kit.cases.log_order import OrderCases
from tests.kit.cases.log_outcomes import OutcomeCases


class LogCases(OutcomeCases, OrderCases, LeaseCases):
    """Needs fixtures `log` (empty), `rivals` (two logs over that database, or one twice), and
    `clock`, the `TwoClocks` that all of them were given."""
