"""Closings that are looked back at sooner (纸面销号抽查): many on one day by one person, or evidence used before."""
