"""Open Door's three services: intake, assurance, learning."""
