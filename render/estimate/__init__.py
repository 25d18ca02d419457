"""Estimate: what a run will take, found out from a sample before it starts."""
