"""What a cluster holds and who uses it: the reading around the plan, which itself reads nothing."""
