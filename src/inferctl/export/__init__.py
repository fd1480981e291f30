"""Endpoints of a cluster as files that plan to no change."""
