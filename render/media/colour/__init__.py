"""From a decoder's frame to a picture: its colours, its shape, and the way up."""
