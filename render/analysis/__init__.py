"""Analysis: what is found out about the frames ahead of dreaming them: cuts, repeats, motion, run-ins."""
