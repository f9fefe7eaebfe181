"""A CRM simulated with a known truth. Others use `write.write_demo` and, to hold a model against the truth, `truth`."""
