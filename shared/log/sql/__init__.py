"""The functions of the PostgreSQL log, one a file."""
