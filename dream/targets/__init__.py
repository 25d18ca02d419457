"""What to dream of: values read from words, looked up in networks, shared out between them."""
