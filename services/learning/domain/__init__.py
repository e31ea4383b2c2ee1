"""What learning decides: pure, without waiting, clock, ids or I/O."""
