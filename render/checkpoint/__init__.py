"""The checkpoint: finished frames kept beside the output, so that a killed render goes on where it was."""
