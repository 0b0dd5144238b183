"""The support desk: find somebody, say why, what next and when, pass on what a person judges."""
