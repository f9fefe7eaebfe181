"""A large CRM as Parquet files, made in a minute: what the speed of features is measured on, by us and by others."""
