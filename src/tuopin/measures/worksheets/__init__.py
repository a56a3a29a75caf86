"""Income worksheets (收入明白卡): what a household earned in a year, line by line, signed, and what the register takes
from it."""
