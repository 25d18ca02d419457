"""Every class that is drawn, one function each: add one here, and the catalogue has it."""
