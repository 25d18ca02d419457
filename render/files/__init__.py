"""Files that appear whole or not at all, and what is said where the disk has no room for them."""
