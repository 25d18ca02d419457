"""Caffe's files, read and written without Caffe: definitions (`.prototxt`) and weights (`.caffemodel`).

schema.py         the messages that both kinds of files are made of
prototxt.py       a definition: text_format.py parses it to a tree, text_decoder.py makes messages of that,
                  upgrade.py and variants.py bring old spellings and those of variants to Caffe's own
definition_layers.py   what its layers are for; input_layer.py, what it says of its pictures
caffemodel.py     weights, through wire_format.py
"""
