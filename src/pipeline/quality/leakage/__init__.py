"""Leakage, named and shown: columns and kinds that know the outcome, or tell the time, and what the export's cut does.

A check says what it found, that it found nothing, or that it could not look and why. `find.find_leaks` does them all.
"""
