"""Settings of a whole run: their fields, how they are written, the record beside a result, older schemas."""
