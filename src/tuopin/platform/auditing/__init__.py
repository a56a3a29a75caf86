"""What was done and who read whom: two logs that nobody can change unseen.

``audit`` writes acts and chains them, ``signing`` signs the head of the chain, ``verify`` checks it; ``readlog`` notes
who read which person. The rest shows both: lists, their words, pages.
"""
