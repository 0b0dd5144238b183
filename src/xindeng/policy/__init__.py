"""The policy bundle: strict reading, dated parameters, rules with cases; check, compile, run."""
