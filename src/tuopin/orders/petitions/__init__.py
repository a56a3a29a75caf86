"""Petitions (信访): taken in by the petition office, the petitioner sealed, the holder told in a paraphrase."""
