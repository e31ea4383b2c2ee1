"""What the three services share; it knows no service."""
