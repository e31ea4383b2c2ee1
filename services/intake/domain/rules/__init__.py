"""Pure calculators on plain values, one subject a file."""
