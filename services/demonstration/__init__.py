"""A synthetic England, played on the public APIs in simulated time; no service of the platform."""
