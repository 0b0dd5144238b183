"""decide(): the outcome, the lights, the amount frontier and the reasons of one request."""
