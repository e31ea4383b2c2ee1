"""Keys, sealing and screening: how personal data is kept, found and erased."""
