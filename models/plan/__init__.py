"""Running a network on the CPU along a plan made for the layers that are wanted (see build.py)."""
