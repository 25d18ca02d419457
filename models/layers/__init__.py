"""The Caffe layer types, each a small differentiable function in one registry."""
