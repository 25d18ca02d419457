"""What a dream will cost in time and memory, found out before it starts."""
