"""The same kernel and the same bundle on the workers of Dask or Spark, where the facts are. Others use `open.hands`."""
