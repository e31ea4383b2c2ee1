"""Pure calculators on plain values, and words that more than one aggregate writes."""
