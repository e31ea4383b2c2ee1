"""Where the peers come from that are no Python packages."""
