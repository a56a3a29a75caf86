"""The face of matters: inbox, board, lists, one matter, heat table, acts in bulk."""
