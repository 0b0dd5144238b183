"""What each resource takes and answers: parse, use case, answer; nothing is decided here."""
