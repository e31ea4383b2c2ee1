"""What intake shows over HTTP."""
