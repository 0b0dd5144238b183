"""The way back to a yes: what waiting alone brings, and proof that it does."""
