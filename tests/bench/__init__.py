"""The benchmark's own arithmetic and pages; no time is asserted here."""
