"""Commands and events of one incident, by subject."""
