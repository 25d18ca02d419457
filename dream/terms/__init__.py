"""The terms an objective is made of, one kind per file."""
