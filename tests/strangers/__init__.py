"""Load and input of strangers: generated requests, a soak, and what others met in public."""
