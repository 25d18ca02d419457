"""When each frame is shown: packets and their times, clocks that jump, one timeline for picture and sound."""
