"""ONNX files: the weights of one for a Caffe definition, or the whole network translated to Caffe's files.

limits.py         what a file may hold, found out before anything of it is built
model_file.py     a file read by the package `onnx`; tensors.py, its tensors as arrays
initialisers.py   its weights by the names of Caffe's layers
convert.py        its network as a folder of Caffe's files: nodes.py has its nodes, joining.py makes one of
                  two, constants.py works out what does not depend on pictures, translation.py has the layers
                  made so far, naming.py their names, operators/ says what becomes of each node
pictures.py       what is assumed to be done to pictures, of which ONNX files say nothing
"""
