"""What containers and clusters are told: validated offline, and tried with real processes."""
