"""Intake's read models: codes, days and counts; narrative is read from the log itself."""
