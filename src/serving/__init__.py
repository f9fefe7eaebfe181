"""From a model to scores over HTTP.

Others use `client.score_request` (leads of an export as a request) and start the service with `python -m serving`.
"""
