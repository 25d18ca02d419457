"""Films: a source, a carry, a dreamer and a sink put together, with what is kept of them on the way."""
