"""Pipeline: threads around the engine, and the bounded queues between them, so that memory does not grow."""
