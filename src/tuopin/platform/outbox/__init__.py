"""Messages to accounts: the inbox at once, by mail and gateway when they may leave (docs/operate/messages.md).

A room posts with :func:`tuopin.platform.outbox.services.post` inside its own transaction and says with ``settle`` when
what a message was about is done. The kinds of its messages stand in its ``messages.toml``. A message holds a word and a
link, never what a household's data say; by mail and gateway not even those leave: kinds, counts, days and links.
"""
