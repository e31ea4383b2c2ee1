"""What the services tell one another and the world: published, versioned, additive for ever."""
