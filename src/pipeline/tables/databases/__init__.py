"""Databases as sources: rows of a query or a table, streamed into a file. Others use `fetch.fetch`, `fetch.tables`."""
