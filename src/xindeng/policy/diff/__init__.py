"""What differs between two versions of a policy, in rules and parameters instead of lines."""
