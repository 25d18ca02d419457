"""One module per command of the `lucidreel` program."""
