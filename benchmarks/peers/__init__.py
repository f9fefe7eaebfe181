"""Others at the same work: scripts run in environments of their own, from Parquet to Parquet; they print JSON."""
