"""A network as a graph of layers, and what can be done to one before it runs.

graph.py             layers, values, and which of them holds the class scores
build.py             from a definition to a graph
weights.py           the tensors for its layers
dense.py             making a classifier slide over images of any size
select_classes.py    computing only some of its classes
receptive_field.py   how far its layers look
costs.py             what a pass through it takes
"""
