"""The pages: results by area, lists, the household page, composed of what the rooms below offer."""
