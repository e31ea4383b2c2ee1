"""Faults on purpose: seeded trials, the histories they leave, and one checker for all of them."""
