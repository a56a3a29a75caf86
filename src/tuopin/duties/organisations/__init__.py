"""Organisations and posts: which there are, how they stand to each other, who holds which post."""
