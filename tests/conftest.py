"""What every test may ask for; each line is one part of the kit."""

pytest_plugins = ["tests.kit.generating", "tests.kit.reference", "tests.kit.servers.plugin"]
