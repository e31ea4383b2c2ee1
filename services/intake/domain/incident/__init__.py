"""One patient-safety event, from its report to the lesson drawn from it."""
