"""Backup and restore of the whole installation (docs/operate/backup.md, docs/decisions/0017)."""
