"""Networks of timm, the collection of image classifiers for PyTorch: `--model timm:resnet50.a1_in1k`.

source.py      a network that was named; naming.py says what the name means
published.py   those worth dreaming with, and robust weights; shelf.py lists them
checkpoint.py  where weights are, and reading them
importing.py   imports timm, and says what is missing
build.py       has timm make a model, and makes it fit for dreaming: grid.py, words.py
trace.py       runs a model without numbers, and finds out its layers, their shapes and how far they look
operations.py  what single operations do to how far one looks
folding.py     normalisations worked into the convolutions before them
surgery.py     copies of a model in which some modules are others
sliding.py     makes its head slide over pictures of any size
network.py     the network that results
"""
