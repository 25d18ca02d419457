"""Time: clips in, carried dreams, clips out with their sound."""
