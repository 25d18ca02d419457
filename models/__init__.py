"""Network files: read, checked and executed as differentiable PyTorch networks."""
