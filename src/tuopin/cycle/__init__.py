"""The cycle: what one room found becomes the work of another (what follows from what: ``order.py``)."""
