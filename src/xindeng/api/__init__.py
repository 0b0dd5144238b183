"""HTTP /v1: one table of routes, handlers one file a resource, problems as problem+json."""
