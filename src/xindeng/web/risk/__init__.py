"""The risk desk: what the policy does, changing it with care, our own side, who did what."""
