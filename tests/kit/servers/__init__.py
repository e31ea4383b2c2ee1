"""Real PostgreSQL and Kafka for tests: found or started once a run, and gone with it."""
