"""What takes part, each in a process of its own: Open Door, its peers, and the HTTP client."""
