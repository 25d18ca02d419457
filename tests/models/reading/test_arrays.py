"""NumPy files: plain numbers in the shape that the header tells and the size bears out, or one message."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lucidreel.errors import ModelFileError
from lucidreel.models.reading.arrays import read_array
from lucidreel.models.reading.files import FileKind

KIND = FileKind("mean", ModelFileError)
HEADER = "{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}"


def written(header: str, data: bytes = b"", version: int = 1, length: int | None = None) -> bytes:
    """Return an .npy file made by hand."""
    size = struct.pack("<H" if version == 1 else "<I", len(header) if length is None else length)
    return b"\x93NUMPY" + bytes([version, 0]) + size + header.encode("latin-1") + data


def saved(values: NDArray[Any], allow_pickle: bool = False) -> bytes:
    """Return an .npy file as NumPy writes it."""
    file = io.BytesIO()
    np.save(file, values, allow_pickle=allow_pickle)
    return file.getvalue()


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f8", "<f2", "|u1", "<i8"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(3,), (3, 4, 5), (1, 3, 2, 2), (), (0,)])
def test_numbers_come_back_in_their_shape(
    tmp_path: Path, dtype: str, order: Any, shape: tuple[int, ...]
) -> None:
    values = np.asarray(np.arange(60)[: int(np.prod(shape))].reshape(shape), dtype, order=order)
    (tmp_path / "a.npy").write_bytes(saved(values))
    found = read_array(tmp_path / "a.npy", KIND)
    assert found.shape == shape and np.array_equal(found, values)


def test_a_header_that_python_2_wrote_is_read(tmp_path: Path) -> None:
    header = HEADER.format(descr="'<f4'", shape="(3L,)")
    (tmp_path / "a.npy").write_bytes(written(header, np.array([1, 2, 3], np.float32).tobytes()))
    assert read_array(tmp_path / "a.npy", KIND).tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (saved(np.array([{}]), allow_pickle=True), "the type '|O' is none of plain numbers"),
        (saved(np.array(["a"])), "none of plain numbers"),
        (saved(np.array([1j])), "none of plain numbers"),
        (saved(np.zeros(3, [("a", "f4")])), "none of plain numbers"),
        (saved(np.zeros(3, "M8[s]")), "none of plain numbers"),
        (saved(np.zeros(3))[:-1], r"24 bytes should follow its header, and 23 do"),
        (saved(np.zeros(3)) + b"x", "and 25 do"),
        (written(HEADER.format(descr="'<f4'", shape="(1000000000000,)")), "4,000,000,000,000 bytes should"),
        (written(HEADER.format(descr="'<f4'", shape="(-3,)")), "is no shape"),
        (written(HEADER.format(descr="'<f4'", shape="(1e9,)")), "is no shape"),
        (written(HEADER.format(descr="'<f4'", shape="3")), "is no shape"),
        (written(HEADER.format(descr="'<f4'", shape="(549755813888, 549755813888, 0)")), "is no shape"),
        (written(HEADER.format(descr="'<f4'", shape="9" * 5000)), "header cannot be read"),
        (written(HEADER.format(descr="'<f4'", shape="(" + "1," * 40 + ")")), "is no shape"),
        (written("(" * 500), "header cannot be read"),
        (written("-" * 9000 + "1"), "header cannot be read"),
        (written("{'descr': 1}"), "descr, fortran_order and shape are expected"),
        (written("", version=2, length=2**32 - 1), "4,294,967,295 bytes long"),
        (b"\x93NUMPY", "header cannot be read"),
        (b"PK\x03\x04" + bytes(100), "does not begin as an .npy file"),
        (b"", "does not begin as an .npy file"),
    ],
)
def test_files_of_other_things_and_torn_ones_are_told(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "a.npy").write_bytes(content)
    with pytest.raises(ModelFileError) as caught:
        read_array(tmp_path / "a.npy", KIND)
    assert why in str(caught.value) and str(caught.value).startswith(
        f"{tmp_path / 'a.npy'} is not a readable mean"
    )
