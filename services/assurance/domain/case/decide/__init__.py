"""What a case decides, one subject a file."""
