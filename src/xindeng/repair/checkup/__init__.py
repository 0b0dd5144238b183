"""The check-up of a person's own papers: facts, lights, ranges by gate, and what to do."""
