"""Deciders of one incident, by subject: state, command and facts in, events or a refusal out."""
