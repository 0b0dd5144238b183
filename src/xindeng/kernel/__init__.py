"""Money, time, identifiers and the error tree; standard library only."""
