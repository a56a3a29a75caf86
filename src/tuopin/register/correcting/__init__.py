"""Correcting the register: by form, in bulk, in answer to data issues, through an edited workbook.

1. ``fields``    which fields can be corrected; from what a cell or form says to a value, and back.
2. ``subjects``  households, persons and villages with their place, inside the grants; ``versions`` what stands now.
3. ``services``  the one way a correction is written: all or none, conflicts found, marks that outlive a re-import.
4. ``drafts``    prepared changes with a preview; ``edits`` an exported workbook that comes back edited.
5. ``recheck``   the data issues of what was corrected; ``waivers`` issues that are right as they are.
"""
