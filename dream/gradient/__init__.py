"""The gradient of an objective over pixels: of one network, of several, and cut to fit the memory."""
