"""What happens in a run, and what it will make, as frozen values for whoever listens."""
