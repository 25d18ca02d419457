"""How the network meets the picture: whole, or in tiles of several kinds behind one interface (`tiling`)."""
