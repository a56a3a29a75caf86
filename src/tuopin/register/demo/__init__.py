"""The invented city 示范市: workbooks as a county would export them, about people who do not exist.

Everything here is made from a seed: the same seed and sizes give the same city, on any machine and Python version.
It needs neither Django nor the network, so that a benchmark or a notebook can use it too.
"""

from tuopin.register.demo.city import CitySummary, sizes, write_city

__all__ = ["CitySummary", "sizes", "write_city"]
