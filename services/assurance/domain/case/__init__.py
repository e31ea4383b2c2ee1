"""The case: one an incident, from the first mark to its closing."""
