"""The settings of one picture's dream."""
