"""The lowest room: users and grants, audit, jobs, backup, base pages, settings and the command line."""
