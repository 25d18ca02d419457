"""What comes along beside the pictures: sounds, subtitles and chapters."""
