"""Looks that ship with lucidreel, one commented TOML file each, and how they are found."""
