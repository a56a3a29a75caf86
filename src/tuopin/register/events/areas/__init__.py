"""What happened to areas (区划变更): merged, split, moved, recoded; recorded, planned, taken back, looked up."""
