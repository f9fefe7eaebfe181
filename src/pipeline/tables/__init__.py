"""What came in: files read into canonical columns, held to their contracts, every row accounted for.

Others use `sources.read_history`, `contracts.sift`, `contracts.Account` and the classes of `columns`.
"""
