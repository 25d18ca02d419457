"""Networks run by real Caffe, through pycaffe, in a process of their own (docs/caffe.md).

load.py           from a folder to a network that real Caffe runs
network.py        PycaffeNetwork: the Network protocol, and the bridge to autograd
caffe_net.py      one of Caffe's nets: built when needed, run, and run backwards
definition.py     what Caffe is given to read: the layers that lead to what is wanted, and no others
process.py        the process: starting it, talking to it, its end
shared_file.py    memory that both sides see
find_python.py    which Python has Caffe
worker.py         the other side: one file without lucidreel, for the Python that has Caffe
"""
