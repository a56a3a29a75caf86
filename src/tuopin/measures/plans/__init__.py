"""Help plans (一户一策, 一户多策): versions, the household's answer, what was done against the plan."""
