"""The walk over every address of the product: what is asked for, by whom, and what must never come back."""
