"""What the analyst says: criteria, maps and the workspace file, as plain validated data.

Others use `workspace.load_workspace`, `criteria.Criterion`, `criteria.Measure`, `criteria.TIMING` and `maps.apply_map`.
"""
