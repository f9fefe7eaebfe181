"""What came in: files read into canonical columns, held to their contracts, every row accounted for.

Others use `sources.read_history`, `contracts.sift`, `account.Account`, `findings.find`, the classes of `columns`, and
`files` for whatever has to arrive whole.
"""
