"""Pictures out of files: opened safely, upright, and in sRGB's colours."""
