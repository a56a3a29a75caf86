"""Taking in a set of workbooks: read in child processes, planned as sets, applied in one transaction.

1. ``fileset``  finds the files, has each read by a child process into staged Parquet, settles day and year.
2. ``run``      one import run: the set engine, the register's present state, what is to be written.
3. intakes      each room's ``intake.py`` plans the kinds of workbook it owns (``INTAKES``: kind -> function).
4. ``services`` plans all kinds in order, then applies the plan: all of it or nothing.
"""
