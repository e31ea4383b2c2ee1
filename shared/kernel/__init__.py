"""The words every domain is written in: pure, without I/O, clock or randomness of its own."""
