"""One lesson: drafted by one person, approved by another, published under a number."""
