"""A loop around pycaffe, as anyone would write it: what `caffe_backend` holds the backend pycaffe against.

    CAFFE_PYTHON plain_pycaffe.py DEFINITION WEIGHTS IMAGE LAYER BLOB HEIGHT WIDTH

A script for the Python that has Caffe, so it imports nothing of lucidreel and is kept to Python 3.6. It makes
the net, and for every number on a line of standard input it takes so many passes forward and back; what comes
out, in JSON, are the seconds by the clock and of the processor's time.
"""

import json
import sys
import time


def main():  # type: () -> None
    """Make the net, warm it up, and take passes for as long as there are lines."""
    import caffe
    import numpy

    definition, weights, image, layer, blob = sys.argv[1:6]
    size = [int(word) for word in sys.argv[6:8]]
    caffe.set_mode_cpu()
    net = caffe.Net(definition, weights, caffe.TEST)
    net.blobs[image].reshape(1, 3, *size)
    picture = numpy.random.RandomState(0).rand(1, 3, *size).astype(numpy.float32) * 255 - 110

    def take():  # type: () -> None
        """Half the squared length of a layer, climbed: what comes into it is its value."""
        net.blobs[image].data[...] = picture
        net.forward(end=layer)
        net.blobs[blob].diff[...] = net.blobs[blob].data
        net.backward(start=layer)
        net.blobs[image].diff.copy()

    take()
    print(json.dumps({"caffe": caffe.__version__, "python": sys.version.split()[0]}), flush=True)
    for line in sys.stdin:
        start, start_cpu = time.perf_counter(), time.process_time()
        for _ in range(int(line)):
            take()
        spent = {"s": time.perf_counter() - start, "cpu_s": time.process_time() - start_cpu}
        print(json.dumps(spent), flush=True)


if __name__ == "__main__":
    main()
