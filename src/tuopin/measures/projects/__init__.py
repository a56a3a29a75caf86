"""Projects and funds: the library, where money comes from and goes, what was accepted, who benefits, what is wrong."""
