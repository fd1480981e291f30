"""Desired and observed endpoints -> a plan. Pure: the same values give the same plan."""
