"""Networks of timm, the collection of image classifiers for PyTorch: `--model timm:resnet50.a1_in1k`.

importing.py   imports timm, and says what is missing
trace.py       runs a model without numbers, and finds out its layers, their shapes and how far they look
operations.py  what single operations do to how far one looks
surgery.py     copies of a model in which some modules are others
sliding.py     makes its head slide over pictures of any size
network.py     the network that results
"""
