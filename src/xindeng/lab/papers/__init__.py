"""Made-up papers of made-up people, for tests and newcomers: no real one is ever needed."""
