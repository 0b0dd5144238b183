"""A person's own credit report, record by record: what it means, what to do, when it is gone."""
