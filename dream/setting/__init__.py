"""What one setting is: a field with its flag, the values it takes, and how they are read and written."""
