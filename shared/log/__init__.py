"""The append-only log: one commit for what was decided, what is told and how far a reader is."""
