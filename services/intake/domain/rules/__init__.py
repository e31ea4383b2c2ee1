"""Pure calculators on plain values."""
