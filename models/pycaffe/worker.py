"""Real Caffe at work: a script that runs under whichever Python has `import caffe`, apart from lucidreel.

    python worker.py LIFELINE GPU

Requests come in on standard input, one JSON object a line, and each gets one line in answer. Arrays do not
go through pipes: both sides map one file (`memory`), and requests say where in it they begin. The first line
that goes out says what was found, or why nothing can be done; both sides speak the same PROTOCOL, or part.

It must not outlive the program that started it. That one holds the other end of a pipe, LIFELINE, into which
nothing is ever written: when it closes, however that came, the system ends this process in the middle of
whatever Caffe is computing (SIGIO). Where there is no such signal, or no such pipe in a container, standard
input ends, which is seen between two requests.

Caffe and glog write where they like: their standard output is turned into standard error, which the other
side keeps for its messages. Where Caffe finds a fault, glog aborts the process; that too is told over there.

This file imports nothing of lucidreel and is kept to Python 3.6, NumPy and caffe.
"""

import json
import mmap
import os
import select
import signal
import stat
import sys
import tempfile
from contextlib import contextmanager
from typing import Any, BinaryIO, Dict, Iterator, List, Optional, Tuple

PROTOCOL = 1

Request = Dict[str, Any]
Answer = Dict[str, Any]


def main() -> None:
    """Serve requests until there are no more."""
    lifeline, gpu = (int(word) for word in sys.argv[1:3])
    end_with_the_other_side(lifeline)
    requests, answers = take_pipes()
    try:
        session = Session(gpu)
    except Exception as error:
        send(answers, {"protocol": PROTOCOL, "error": "{}: {}".format(type(error).__name__, error)})
        return
    send(answers, dict(session.facts(), protocol=PROTOCOL))
    for line in iter(requests.readline, b""):
        request = json.loads(line.decode("ascii"))
        send(answers, dict(answer(session, request), id=request["id"]))


def answer(session: "Session", request: Request) -> Answer:
    """Return what a request comes to, or the error that it ended in."""
    does = {
        "memory": session.share_memory,
        "build": session.build,
        "forward": session.forward,
        "backward": session.backward,
        "drop": session.drop,
    }
    try:
        return does[request["do"]](request)
    except MemoryError:
        return {"error": "out of memory", "memory": True}
    except Exception as error:
        return {"error": "{}: {}".format(type(error).__name__, error)}


def end_with_the_other_side(lifeline: int) -> None:
    """Have the system end this process as soon as the other end of the pipe is closed."""
    if lifeline < 0 or not hasattr(signal, "SIGIO") or not is_pipe(lifeline):
        return
    import fcntl

    end_at_once_on(signal.SIGIO)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | fcntl.FASYNC | os.O_NONBLOCK)
    if select.select([lifeline], [], [], 0)[0]:  # it was closed before anybody watched
        os._exit(1)


def is_pipe(descriptor: int) -> bool:
    """Tell whether a pipe has come along: what starts a container, for one, hands on no more than three."""
    try:
        return stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    except OSError:
        return False


def end_at_once_on(number: int) -> None:
    """Have a signal end the process, without waiting for Python, which waits for Caffe.

    C's own _exit handles it: what SIGIO does by itself differs from system to system.
    """
    try:
        import ctypes

        c = ctypes.CDLL(None)
        c.signal.argtypes = [ctypes.c_int, ctypes.c_void_p]
        c.signal(number, ctypes.cast(c._exit, ctypes.c_void_p))
    except (ImportError, OSError, AttributeError):
        signal.signal(number, signal.SIG_DFL)


def take_pipes() -> Tuple[BinaryIO, BinaryIO]:
    """Return where requests come in and answers go out, and leave harmless files in their places."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return requests, answers


def send(answers: BinaryIO, message: Answer) -> None:
    """Write one line; the characters of whatever language come as ASCII."""
    answers.write(json.dumps(message).encode("ascii") + b"\n")
    answers.flush()


class Session:
    """A Caffe that was found, the memory it shares with the other side, and the nets made so far."""

    def __init__(self, gpu: int) -> None:
        # Not this file's folder: its neighbours have names that others may have too.
        sys.path[:] = [path for path in sys.path if os.path.realpath(path) != HERE]
        os.environ.update(GLOG_minloglevel="2", GLOG_logtostderr="1")
        import caffe

        self.caffe: Any = caffe
        missing = [
            name for name in ("Net", "TEST", "layer_type_list", "set_mode_gpu") if not hasattr(caffe, name)
        ]
        if missing:
            where = getattr(caffe, "__file__", None)
            raise ImportError(
                "the caffe at {} has no {}: it is not pycaffe".format(where, ", ".join(missing))
            )
        if gpu >= 0:
            caffe.set_device(gpu)
            caffe.set_mode_gpu()
        else:
            caffe.set_mode_cpu()
        self.memory: Optional[Mapped] = None
        self.nets: Dict[int, Net] = {}

    def facts(self) -> Answer:
        """Return which Caffe this is and what it can do."""
        import numpy

        return {
            "python": sys.version.split()[0],
            "numpy": numpy.__version__,
            "caffe": str(getattr(self.caffe, "__version__", "")),
            "types": list(self.caffe.layer_type_list()),
        }

    def share_memory(self, request: Request) -> Answer:
        """Map the file at `path`, `bytes` long, in place of what was mapped before."""
        self.memory = None
        self.memory = Mapped(request["path"], request["bytes"])
        return {}

    def build(self, request: Request) -> Answer:
        """Make net number `net` of the text `definition`.

        `weights` lists [layer, blob's place in it, shape, offset]. Layers that it does not list share theirs
        with the net number `like`.
        """
        with as_file(request["definition"]) as path:
            net = Net(self.caffe.Net(path, self.caffe.TEST))
        if request["like"] is not None:
            net.caffe_net.share_with(self.nets[request["like"]].caffe_net)
        for layer, place, shape, offset in request["weights"]:
            net.set_weight(layer, place, self._memory().array(shape, offset))
        self.nets[request["net"]] = net
        return {}

    def forward(self, request: Request) -> Answer:
        """Run a net on an `input`, [blob, shape, offset], and copy out `tops`, a list of such."""
        memory, net = self._memory(), self.nets[request["net"]]
        blob, shape, offset = request["input"]
        net.run(blob, memory.array(shape, offset))
        for blob, shape, offset in request["tops"]:
            memory.array(shape, offset)[...] = net.value(blob, shape)
        return {}

    def backward(self, request: Request) -> Answer:
        """Go back from the last of `seeds`, [layer, blob, adds, shape, offset], to a `gradient`.

        Seeds come deepest first, each with its layer's place in the net of values. One that `adds` lies on
        the way back from deeper ones, whose gradient is there when it is reached. An offset of -1 stands for
        zeros. `gradient` is [blob, shape, offset].
        """
        memory, net = self._memory(), self.nets[request["net"]]
        at: Optional[int] = None
        for layer, blob, adds, shape, offset in request["seeds"]:
            at = net.back(at, net.places[layer])
            diff = net.diff(blob)
            if offset < 0:
                if not adds:
                    diff[...] = 0
            elif adds:
                diff += memory.array(shape, offset)
            else:
                diff[...] = memory.array(shape, offset)
        net.back(at, -1)
        blob, shape, offset = request["gradient"]
        memory.array(shape, offset)[...] = net.diff(blob)
        return {}

    def drop(self, request: Request) -> Answer:
        """Let go of nets that nobody needs any more."""
        for number in request["nets"]:
            self.nets.pop(number, None)
        return {}

    def _memory(self) -> "Mapped":
        if self.memory is None:
            raise RuntimeError("no memory is shared yet")
        return self.memory


@contextmanager
def as_file(text: str) -> Iterator[str]:
    """Yield the path of a file with a text. Where /proc names it, it has no other name that could be left."""
    data = text.encode("ascii")
    with tempfile.TemporaryFile() as file:
        path = "/proc/self/fd/{}".format(file.fileno())
        if os.path.exists(path):
            file.write(data)
            file.flush()
            yield path
            return
    number, path = tempfile.mkstemp(".prototxt", "lucidreel-caffe-")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
        yield path
    finally:
        os.remove(path)


class Net:
    """One of Caffe's nets, its layers and blobs by name."""

    def __init__(self, caffe_net: Any) -> None:
        self.caffe_net = caffe_net
        names = list(caffe_net._layer_names)
        self.places = {name: place for place, name in enumerate(names)}
        self.blobs = dict(caffe_net.blobs)
        self.params = dict(caffe_net.params)

    def set_weight(self, layer: str, place: int, values: Any) -> None:
        """Give a layer a blob of weights."""
        blobs = list(self.params.get(layer, ()))
        shape = tuple(blobs[place].shape) if place < len(blobs) else None
        if shape != values.shape:
            raise ValueError(
                "layer {!r} wants weights of shape {} here, not {}: is it a variant of Caffe with other "
                "layers of that name?".format(layer, shape, values.shape)
            )
        blobs[place].data[...] = values

    def run(self, blob: str, values: Any) -> None:
        """Compute all layers for what is given as the value of a blob, which is brought to its shape."""
        source = self.blobs[blob]
        if tuple(source.shape) != values.shape:
            source.reshape(*values.shape)
        source.data[...] = values
        self.caffe_net._forward(0, len(self.places) - 1)

    def value(self, blob: str, shape: List[int]) -> Any:
        """Return a blob's value, which has to be of a shape."""
        found = self.blobs[blob].data
        if list(found.shape) != shape:
            raise ValueError("blob {!r} has the shape {} here, not {}".format(blob, found.shape, shape))
        return found

    def diff(self, blob: str) -> Any:
        """Return the gradient that a blob holds, to be read and written."""
        return self.blobs[blob].diff

    def back(self, at: Optional[int], place: int) -> int:
        """Go back from the layer at one place to the one after another; from nowhere at first."""
        if at is not None and at > place:
            self.caffe_net._backward(at, place + 1)
        return place


class Mapped:
    """A file mapped into memory, as arrays."""

    def __init__(self, path: str, size: int) -> None:
        try:
            with open(path, "r+b") as file:
                self._map = mmap.mmap(file.fileno(), size)
        except OSError as error:
            where = os.path.dirname(path)
            raise OSError(
                "{}. Both sides have to see {}: mount it where Caffe is in a container".format(error, where)
            ) from error

    def array(self, shape: List[int], offset: int) -> Any:
        """Return the float32 array of a shape that begins at an offset."""
        import numpy

        count = 1
        for length in shape:
            count *= length
        return numpy.frombuffer(self._map, numpy.float32, count, offset).reshape(shape)


HERE = os.path.dirname(os.path.realpath(__file__))

if __name__ == "__main__":
    main()
