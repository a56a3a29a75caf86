"""Events of households, persons and areas: dated acts that say why somebody came, went or lives elsewhere."""
