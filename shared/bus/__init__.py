"""How a service hears another: embedded or through Kafka."""
