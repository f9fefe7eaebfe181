"""What the analyst says: criteria, maps and the workspace file, as plain validated data.

Others use `workspace.load_workspace`, `criteria.Criterion`, `criteria.Measure`, `criteria.TIMING`, `maps.apply_map`
and the instants and days of `zones` and `spans`.
"""
