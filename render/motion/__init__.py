"""Motion: optical flow between frames of the source, where to believe it, and pictures moved along it."""
