"""Points for characteristics, as language expressions."""
