"""A film is written: codecs, encoders, the command for ffmpeg, and the process that runs it."""
