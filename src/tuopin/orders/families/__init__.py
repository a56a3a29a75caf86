"""Wholes and their parts: opened in one go, how far a whole is by its parts, and what keeps the tree a tree."""
