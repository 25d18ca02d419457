"""What is done to a picture before the network sees it, anew at every step, and undone for the gradient."""
