"""One package for each `WHAT` of `make prove`: its `LINES`, each a claim and the function that measures it."""
