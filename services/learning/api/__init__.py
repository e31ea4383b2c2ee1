"""What learning is read by: lists, lessons, national tables and the published series."""
