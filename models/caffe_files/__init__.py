"""Caffe's files, read and written without Caffe: definitions (`.prototxt`) and weights (`.caffemodel`).

schema.py         the messages that both kinds of files are made of
prototxt.py       a definition: text_format.py parses it to a tree, text_decoder.py makes messages of that,
                  upgrade.py and variants.py bring old spellings and those of variants to Caffe's own
input_layer.py    what a definition says of its pictures; class_scores.py, which layer scores the classes
caffemodel.py     weights, through wire_format.py
"""
