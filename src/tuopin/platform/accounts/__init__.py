"""Accounts: who they are, which roles they hold over what, and how a person signs in.

``services`` changes accounts and grants, ``granting`` says who may give which; a sign-in takes its steps in
``signing_in``, with ``second_factor``, ``sessions`` and ``throttle``. What a role may do is asked of
:mod:`tuopin.platform.access`.
"""
