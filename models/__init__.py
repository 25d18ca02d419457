"""Networks: their files, and running them in PyTorch, with a gradient back to the pixels.

network.py           what everything above calls a network: images in, named activations out
zoo/                 networks by name: `registry.load_network` is where to begin
model_folder.py      the files that a network is made of; load.py loads them
caffe_files/         definitions and weights in Caffe's formats; reading/, any file that people give
weights_file.py      weights of either kind: a .caffemodel's, or an ONNX file's by onnx_files/
labels.py            the words for its classes
preprocess.py        how it wants its pictures; data_blob.py makes them so
graph/               its layers in order; layers/, what each of them computes
caffe_network.py     runs it: on a CPU with cpu/, elsewhere layer by layer
late_torch.py        PyTorch, imported when something is computed
torch_internals.py   what PyTorch does not document
description.py       what can be told of a network; folder_description.py tells it of a folder
outline.py           what it can be asked for by name, without PyTorch
bestiary/            the embedded network, its drawings and its training
imagenet/            a network trained on photographs, whose weights come in a package
timm/                networks of timm, by their names there
"""
