"""The lowest room: settings, users and grants, audit, jobs, the catalogue of facts, base templates, the command line."""
