"""What a plan says, done: each step written, read back and judged, stage by stage."""
