"""`leadlight init`: files that nobody described yet, looked at, and the workspace that they seem to call for.

Others use `propose.propose`.
"""
