"""The settings of one picture's dream, and what every table of settings is built on."""
