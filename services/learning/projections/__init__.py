"""Learning's read models, each projected from its own log."""
