"""The way back: how a person stands, what time alone brings, and plans that are proven to help."""
