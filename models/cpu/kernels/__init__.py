"""Loops over pixels and channels that PyTorch lacks on the CPU, compiled by numba on first use.

compiled.py    compiling them, sharing them out among threads, and maps as arrays
team.py        the threads that they run on
contained.py   functions within them
apart.py       reading and writing maps in them without asking whether they overlap
kept_code.py   loading them from numba's cache
bfloat16.py    reading and writing bfloat16 in them
powers.py      powers without roots and divisions
vectors.py     sixteen numbers side by side, and products.py the matrix products made of these
"""
