"""House rules as tests; each rule is also fed deliberate faults, and must find them."""
