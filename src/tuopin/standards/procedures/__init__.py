"""Procedures (程序) on subjects: begun with the verdict of the day frozen, taken step by step, ending in a status."""
