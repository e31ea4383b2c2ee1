"""Pages of docs/ that are made from the code: what can be asked, what is told, what is typed."""
