"""Commitments (军令状): what an inferior promises a superior, signed by both, and whether figures bear it out."""
