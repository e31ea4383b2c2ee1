"""What every HTTP interface of Open Door has in common."""
