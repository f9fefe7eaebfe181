"""From a model to scores over HTTP.

Others use `client.lead_request` (a lead of an export as a request) and start the service with `python -m serving`.
"""
