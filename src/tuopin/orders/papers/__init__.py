"""Official papers of matters: numbered without gaps, frozen, signed for, answered."""
