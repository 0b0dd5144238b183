"""From a refusal to what turns it: actions, the search, the proof, and the words of a plan."""
