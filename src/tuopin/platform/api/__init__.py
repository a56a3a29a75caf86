"""The API at /api/: what the pages can do, for programs, by tokens (docs/operate/api.md).

A room publishes ``router`` (a ninja Router) in its ``api.py``; it is found by name and stands at the root of /api/.
Its operations take the actor from ``request.auth``: the token's owner, limited to what the token carries.
"""
