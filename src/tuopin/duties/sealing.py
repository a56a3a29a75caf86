"""What of duties is not sealed, and why."""

LEFT_OUT = {
    "duties_helper": "names and telephones of officials; no rule speaks of helpers yet",
    "duties_helper_identity": "names and telephones of officials",
    "duties_slips": "first passwords that wait to be printed",
}
