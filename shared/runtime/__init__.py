"""How the services run: settings, wiring, the way of a command, processes and the command line."""
