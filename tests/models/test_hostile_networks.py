"""Network files that make no sense, by accident or not: a ModelFileError that says what, and soon."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lucidreel.errors import ModelFileError
from lucidreel.models.caffe_files import (
    schema,
)
from lucidreel.models.caffe_files import (
    text_decoder as fields,
)
from lucidreel.models.caffe_files import (
    text_format as text_form,
)
from lucidreel.models.caffe_files import (
    wire_format as wire,
)
from lucidreel.models.caffe_files.caffemodel import read_caffemodel, write_caffemodel
from lucidreel.models.caffe_files.prototxt import parse_prototxt, read_prototxt
from lucidreel.models.graph.build import build_graph
from lucidreel.models.graph.graph import Graph
from lucidreel.models.load import load_folder

INPUT = 'input: "data" input_dim: [1, 4, 8, 8]\n'
RESHAPE = 'type: "Reshape" bottom: "data" top: "x" reshape_param { shape { %s } }'
CONV = 'type: "Convolution" bottom: "data" top: "x" convolution_param { %s }'


def graph(text: str) -> Graph:
    return build_graph(parse_prototxt(INPUT + text, "some.prototxt"), "some.prototxt")


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (CONV % "num_output: 2 kernel_size: 0", r"kernel_size is \(0, 0\), and has to be at least 1"),
        (CONV % "num_output: 2 kernel_size: 1 stride: 0", r"stride is \(0, 0\)"),
        (CONV % "num_output: 2 kernel_size: 1 stride_h: 2", r"stride is \(2, 0\)"),
        (CONV % "num_output: 2 kernel_size: 1 dilation: 0", r"dilation is \(0, 0\)"),
        (CONV % "num_output: 2 kernel_size: 1 group: 0", "group is 0"),
        (CONV % "num_output: 0 kernel_size: 1", "num_output is 0"),
        (CONV % "num_output: 2", "kernel_size is missing"),
        (CONV % "num_output: 4294967295 kernel_size: 1", "more values than Caffe's blobs can hold"),
        (CONV % "num_output: 2 kernel_size: 3 pad: 4294967295", "overflowed|more values than"),
        (CONV % "num_output: 2 kernel_size: 3 pad: 90000", "more values than Caffe's blobs can hold"),
        (CONV % "num_output: -1 kernel_size: 1", "num_output: -1 is no whole number from 0 to 4294967295"),
        (CONV % ("num_output: " + "9" * 5000), "num_output: 9+…9+ is no whole number"),
        ('type: "InnerProduct" bottom: "data" top: "x" inner_product_param { }', "num_output is 0"),
        ('type: "Slice" bottom: "data"', "tops is 0"),
        ('type: "Slice" bottom: "data" top: "a" top: "b" slice_param { slice_point: 9 }', "without values"),
        ('type: "Split" bottom: "data" top: "a" bottom: "data"', "has 2 bottoms, and takes 1"),
        ('type: "ReLU" top: "x"', "has 0 bottoms, and takes 1"),
        ('type: "Eltwise" bottom: "data" top: "x"', "has 1 bottoms, and takes 2 or more"),
        ('type: "Crop" bottom: "data" top: "x"', "has 1 bottoms, and takes 2"),
        ('type: "ReLU" bottom: "x" top: "x"', "no layer before it makes its bottom 'x'"),
        (RESHAPE % ("dim: -1 " + "dim: 1 " * 64), "dimension|axes"),
        (RESHAPE % ("dim: -1 " + "dim: 1 " * 40), "a blob of 41 axes; Caffe's have at most 32"),
        (RESHAPE % "dim: -5", "cannot become"),
        ('type: "LRN" bottom: "data" top: "x" lrn_param { local_size: 0 }', "local_size 0 has to be odd"),
        ('type: "LRN" bottom: "data" top: "x" lrn_param { alpha: nan }', "alpha: nan is no finite number"),
        ('type: "Power" bottom: "data" top: "x" power_param { shift: 1e999 }', "1e999 is no finite number"),
        ('type: "SPP" bottom: "data" top: "x" spp_param { pyramid_height: 4000000000 }', "has to be 1 to 12"),
        ('type: "Tile" bottom: "data" top: "x" tile_param { tiles: 2147483647 }', "more values than"),
        ('type: "DummyData" top: "x" dummy_data_param { shape { dim: 99999999999 } }', "more values than"),
        ('type: "DummyData" top: "x"', "shapes is 0"),
        ('type: "Log" bottom: "data" top: "x" log_param { base: 1 }', "base 1 has no logarithms"),
        ('type: "ReLU" bottom: "data" top: "x" top.y: 1', "top.y: 1 is not something that lucidreel can"),
        ('type: "ReLU" bottom: "data" top: "\\033[31m"', "cannot be printed"),
        ('type: "Split" bottom: "data" ' + 'top: "x" ' * 1001, "more than 1,000 bottoms and tops"),
    ],
    ids=lambda value: value[:40],
)  # fmt: skip
def test_impossible_layers_name_file_layer_and_reason(layer: str, message: str) -> None:
    with pytest.raises(ModelFileError, match=message) as caught:
        graph(f'layer {{ name: "odd" {layer} }}')
    assert "some.prototxt: " in str(caught.value) and "layer 'odd'" in str(caught.value)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 1500


def test_layers_of_one_name_are_numbered_however_many_there_are() -> None:
    found = graph('layer { name: "r" type: "ReLU" bottom: "data" top: "data" }\n' * 5000)
    assert [node.name for node in found.nodes[:2]] == ["r", "r#2"] and found.nodes[-1].name == "r#5000"


def test_absurdly_many_fields_that_caffe_does_not_have_are_refused() -> None:
    text = 'layer { name: "py" type: "Python"\n' + "foo: 1\n" * 20_100 + "}"
    with pytest.raises(ModelFileError, match=r"line 20003, .*'py': foo: 1 is one of more than 20,000 fields"):
        graph(text)


def test_the_line_of_every_unread_field_is_known_without_counting_from_the_top() -> None:
    counted = []

    class Text(str):
        def count(self, word: str, begin: int = 0, end: int = 0) -> int:  # type: ignore[override]
            counted.append(end - begin)
            return str(self)[begin:end].count(word)

    text = Text(INPUT + 'layer { name: "py" type: "Python"\n' + "foo: 1\n" * 300 + "}")
    net = schema.new("NetParameter")
    fields.fill(net, text_form.parse_text(text, "f"), fields.Source(text, "f"))
    assert [each.line for each in net.layer[0].unread] == list(range(3, 303))
    assert sum(counted) <= len(text)


def test_input_sizes_beyond_caffes_are_refused() -> None:
    relu = 'layer { name: "r" type: "ReLU" bottom: "data" top: "r" }'
    for shape in ("[1, 3, 65536, 65536]", "[0, 3, 8, 8]", "[1, 3, -8, 8]"):
        with pytest.raises(ModelFileError, match=r"an image is \(n, c, height, width\)"):
            build_graph(parse_prototxt(f'input: "data" input_shape {{ dim: {shape} }}' + relu), "f")


@pytest.mark.parametrize("opening", ["a {", "a <", "a: {", "a [{"])
def test_nesting_is_limited(opening: str) -> None:
    text = INPUT + f'layer {{ name: "x" type: "Odd" {opening * 5000}'
    with pytest.raises(ModelFileError, match="messages lie more than 64 deep in each other"):
        parse_prototxt(text)


def test_a_definition_of_absurd_size_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "big.prototxt"
    path.write_bytes(b"#" * (text_form.SIZE_LIMIT + 1))
    with pytest.raises(ModelFileError, match=r"more than 2,000,000 bytes"):
        read_prototxt(path)


def test_a_definition_of_absurdly_many_layers_is_refused() -> None:
    with pytest.raises(ModelFileError, match=r"has more than 20,000 layers"):
        graph('layer { name: "r" type: "ReLU" bottom: "data" top: "data" }' * 20_001)


@pytest.mark.parametrize(
    "text",
    [
        'layer { name: "a', 'layer { name: "a" ', "layer ]", "layer: [{ } ", 'name: "a" name: "b"',
        "layer: 3", "input { }", "input_dim: 1.5", "force_backward: maybe", "name: unquoted",
        "input_dim: 099",         "state { phase: NOW }", "\x07", "a/b: 1", "input_dim: [1, {}]",
    ],
)  # fmt: skip
def test_text_that_is_no_definition_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(ModelFileError, match=r"odd\.prototxt: line \d+, column \d+: "):
        parse_prototxt(text, "odd.prototxt")


def test_comments_in_other_code_pages_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "deploy.prototxt"
    path.write_bytes("# größe\n".encode("latin-1") + INPUT.encode() + b'layer { name: "gr\xf6\xdfe" }')
    assert read_prototxt(path).layer[1].name == "größe"


def layer(name: bytes, blob: bytes) -> bytes:
    """Return a layer of a .caffemodel with one blob, both shorter than 16 kB."""
    body = b"\x0a" + varint(len(name)) + name + b"\x3a" + varint(len(blob)) + blob
    return b"\xa2\x06" + varint(len(body)) + body


def varint(value: int) -> bytes:
    parts = []
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


ONE = b"\x2a\x04" + np.float32(1).tobytes()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xa2\x06\x00" * (wire.FIELD_LIMIT + 1), "more than 400,000 separate fields"),
        (layer(b"a", b"\x08\x01" * 8_000) * 60, "more than 400,000 separate fields"),
        (layer(b"a", b"\x3a\x83\x01\x0a\x80\x01" + b"\x01" * 128 + ONE), "has 128 dimensions"),
        (layer(b"a", b"\x3a\x0c\x0a\x0a" + b"\xff" * 9 + b"\x01" + ONE), r"1 values for the shape \(-1,\)"),
        (layer(b"a", b"\x3a\x14\x0a\x12" + (b"\xff" * 8 + b"\x7f") * 2 + ONE), "1 values for the shape"),
        (layer(b"a", b"\x3a\x0d\x0a\x0b" + b"\xff" * 8 + b"\x7f\x03\x00"), "0 values for the shape"),
        (layer(b"a", b"\x2a\x03abc"), "3 bytes of numbers end inside one"),
        (layer(b"a", b"\xab\x06" * 100), "groups 64 deep"),
        (layer(b"a", b"\x00\x00"), "begins no field"),
        (layer(b"a", b"\x3a\xff\xff\x03"), "reaches beyond the end"),
        (layer(b"a", b"\x2f\x2f"), "unknown kind 7"),
        (layer(b"a", b"\x08" + b"\xff" * 11), "more than ten bytes"),
    ],
    ids=[
        "empty layers", "fields", "axes", "negative", "overflow", "a side of 0", "half", "groups", "0",
        "beyond", "kind", "varint",
    ],
)  # fmt: skip
def test_weights_that_make_no_sense_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "w.caffemodel").write_bytes(content)
    with pytest.raises(ModelFileError, match=message):
        read_caffemodel(tmp_path / "w.caffemodel")


def test_millions_of_unpacked_numbers_are_read_as_one_run(tmp_path: Path) -> None:
    numbers = np.arange(2_000_000, dtype="<f4")
    rows = np.zeros((len(numbers), 5), np.uint8)
    rows[:, 0], rows[:, 1:] = 0x2D, numbers.view(np.uint8).reshape(-1, 4)
    shape = b"\x0a" + varint(len(varint(len(numbers)))) + varint(len(numbers))
    (tmp_path / "w").write_bytes(layer(b"a", b"\x3a" + varint(len(shape)) + shape + rows.tobytes()))
    np.testing.assert_array_equal(read_caffemodel(tmp_path / "w")["a"][0], numbers)


def test_names_that_are_no_utf8_match_a_definition_in_the_same_code_page(tmp_path: Path) -> None:
    name = "größe".encode("latin-1")
    (tmp_path / "deploy.prototxt").write_bytes(
        INPUT.encode()
        + b'layer { name: "%b" type: "Bias" bottom: "data" top: "x" bias_param { num_axes: 0 } }' % name
    )
    (tmp_path / "w.caffemodel").write_bytes(layer(name, ONE))
    assert load_folder(tmp_path).weights[0][0].item() == 1.0


def test_half_precision_of_nvidias_caffe_is_read(tmp_path: Path) -> None:
    raw = np.array([0.5, -2.0], "<f2").tobytes()
    blob = b"\x3a\x03\x0a\x01\x02" + b"\x50\x02" + b"\x62" + bytes([len(raw)]) + raw
    (tmp_path / "w").write_bytes(layer(b"a", blob))
    assert read_caffemodel(tmp_path / "w")["a"][0].tolist() == [0.5, -2.0]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_finite_numbers_are_refused(tmp_path: Path, value: float) -> None:
    (tmp_path / "deploy.prototxt").write_text(
        f'{INPUT} layer {{ name: "odd" {CONV % "num_output: 1 kernel_size: 1"} }}'
    )
    write_caffemodel(tmp_path / "w.caffemodel", {"odd": [np.full((1, 4, 1, 1), value), np.zeros(1)]})
    with pytest.raises(ModelFileError, match=r"'odd' .* no finite numbers \(in blob 0\)"):
        load_folder(tmp_path)
