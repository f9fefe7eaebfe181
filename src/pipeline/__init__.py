"""From a CRM's history to a model: what was known when, what it means, and why."""
