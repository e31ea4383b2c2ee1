"""The promises of each port, tried on every adapter."""
