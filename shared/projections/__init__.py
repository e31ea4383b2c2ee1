"""Read models, projected from a service's own log: rows and cursor in one transaction."""
