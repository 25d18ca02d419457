"""Loops over pixels and channels that PyTorch lacks on the CPU, compiled on first use (see compiled.py)."""
