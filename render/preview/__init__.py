"""Preview: single moments of a clip, as the film will show them."""
