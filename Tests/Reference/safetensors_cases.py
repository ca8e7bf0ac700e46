"""Fixtures/safetensors/cases.json: files at the border of the format, with what the reference library says of each.

Run: python Tests/Reference/safetensors_cases.py      (safetensors 0.8.0)

A case is a header (text, or `hex` where it is no UTF-8), how long the file says it is where that is not its length, and so
many zero bytes of data. `tensors` is what the library makes of it, null where it refuses.
"""

import json
import pathlib
import struct
import tempfile

from safetensors import safe_open

OUT = pathlib.Path(__file__).resolve().parent.parent / "Fixtures" / "safetensors" / "cases.json"


def entry(begin, end, shape=None, dtype="U8", **more):
    return dict(dtype=dtype, shape=[end - begin] if shape is None else shape, data_offsets=[begin, end], **more)


def text(**tensors):
    return json.dumps(tensors, separators=(",", ":"))


TYPES = ["BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "C64", "F64", "I64", "U64"]

CASES = {
    "one tensor": (text(a=entry(0, 4)), 4),
    "two tensors": (text(a=entry(0, 4), b=entry(4, 6)), 6),
    "out of order": (text(a=entry(4, 6), b=entry(0, 4)), 6),
    "no tensors": ("{}", 0),
    "no tensors, some data": ("{}", 1),
    "metadata alone": ('{"__metadata__":{"format":"pt"}}', 0),
    "metadata null": ('{"__metadata__":null}', 0),
    "metadata with a number": ('{"__metadata__":{"format":1}}', 0),
    "metadata with null": ('{"__metadata__":{"format":null}}', 0),
    "metadata is a list": ('{"__metadata__":[]}', 0),
    "metadata is text": ('{"__metadata__":"pt"}', 0),
    "metadata twice": ('{"__metadata__":{},"__metadata__":{}}', 0),
    "metadata key twice": ('{"__metadata__":{"a":"1","a":"2"}}', 0),
    "hole at the start": (text(a=entry(2, 4)), 4),
    "hole between": (text(a=entry(0, 2), b=entry(3, 5)), 5),
    "overlap": (text(a=entry(0, 4), b=entry(2, 6)), 6),
    "the same place twice": (text(a=entry(0, 4), b=entry(0, 4)), 4),
    "contained": (text(a=entry(0, 6), b=entry(2, 4)), 6),
    "bytes behind": (text(a=entry(0, 4)), 5),
    "bytes missing": (text(a=entry(0, 4)), 3),
    "all bytes missing": (text(a=entry(0, 4)), 0),
    "backwards": (text(a=dict(dtype="U8", shape=[4], data_offsets=[4, 0])), 4),
    "empty tensor": (text(a=entry(0, 0, [0])), 0),
    "empty of two dimensions": (text(a=entry(0, 0, [0, 4])), 0),
    "empty at the end": (text(a=entry(0, 4), b=entry(4, 4, [0])), 4),
    "empty between": (text(a=entry(0, 4), b=entry(4, 4, [0]), c=entry(4, 8)), 8),
    "empty in the middle of another": (text(a=entry(0, 4), b=entry(2, 2, [0])), 4),
    "empty at the start, named later": (text(b=entry(0, 4), a=entry(0, 0, [0])), 4),
    "empty with bytes": (text(a=entry(0, 1, [0])), 1),
    "scalar": (text(a=entry(0, 4, [], "F32")), 4),
    "scalar of the wrong size": (text(a=entry(0, 2, [], "F32")), 2),
    "too few bytes for the shape": (text(a=entry(0, 4, [2], "F32")), 4),
    "too many bytes for the shape": (text(a=entry(0, 12, [2], "F32")), 12),
    "unaligned": (text(a=entry(0, 1), b=entry(1, 5, [1], "F32")), 5),
    "shape overflows": (text(a=entry(0, 4, [2**40, 2**40])), 4),
    "shape overflows in bytes": (text(a=entry(0, 4, [2**61], "F64")), 4),
    "zero hides an overflow": (text(a=entry(0, 0, [0, 2**40, 2**40])), 0),
    "an overflow before zero": (text(a=entry(0, 0, [2**40, 2**40, 0])), 0),
    "negative dimension": (text(a=entry(0, 4, [-4])), 4),
    "fractional dimension": ('{"a":{"dtype":"U8","shape":[4.0],"data_offsets":[0,4]}}', 4),
    "exponent in a dimension": ('{"a":{"dtype":"U8","shape":[4e0],"data_offsets":[0,4]}}', 4),
    "text as a dimension": ('{"a":{"dtype":"U8","shape":["4"],"data_offsets":[0,4]}}', 4),
    "negative offset": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[-4,0]}}', 4),
    "offset beyond 64 bits": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,18446744073709551620]}}', 4),
    "offset of 64 bits": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,18446744073709551615]}}', 4),
    "one offset": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0]}}', 4),
    "three offsets": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4,4]}}', 4),
    "no offsets": ('{"a":{"dtype":"U8","shape":[4]}}', 4),
    "no shape": ('{"a":{"dtype":"U8","data_offsets":[0,4]}}', 4),
    "no dtype": ('{"a":{"shape":[4],"data_offsets":[0,4]}}', 4),
    "null shape": ('{"a":{"dtype":"U8","shape":null,"data_offsets":[0,4]}}', 4),
    "a key of its own": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"note":{"x":[1,2,null]}}}', 4),
    "dtype twice": ('{"a":{"dtype":"U8","dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    "own key twice": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"n":1,"n":1}}', 4),
    "tensor twice": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    "tensor twice, elsewhere": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}', 8),
    "tensor twice, one escaped": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"\\u0061":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    "tensor twice, of another type": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
    "tensor twice, the first out of place": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    "tensor twice, the first of a wrong size": ('{"a":{"dtype":"U8","shape":[5],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    "tensor twice, the first of an unknown type": ('{"a":{"dtype":"X8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    "tensor twice, beside another": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 6),
    "tensor twice, the first backwards": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,0]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    "tensor twice, the first of an overflowing shape": ('{"a":{"dtype":"U8","shape":[1099511627776,1099511627776],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    "tensor twice, the first with an offset of 64 bits": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,18446744073709551615]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    "tensor twice, the first with a dimension of 64 bits": ('{"a":{"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    "tensor twice, the first with an offset beyond 64 bits": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,18446744073709551616]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    "tensor twice, the first with a negative dimension": ('{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    "tensor twice, the first with bits left over": ('{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    "entry is a list": ('{"a":["U8",[4],[0,4]]}', 4),
    "entry is null": ('{"a":null}', 0),
    "entry is text": ('{"a":"U8"}', 0),
    "unknown type": (text(a=entry(0, 4, dtype="X8")), 4),
    "type in small letters": (text(a=entry(0, 4, dtype="u8")), 4),
    "type is a number": ('{"a":{"dtype":1,"shape":[4],"data_offsets":[0,4]}}', 4),
    "type of four bits": (text(a=entry(0, 2, [4], "F4")), 2),
    "type of four bits, odd": (text(a=entry(0, 2, [3], "F4")), 2),
    "type of six bits": (text(a=entry(0, 3, [4], "F6_E2M3")), 3),
    "another type of six bits": (text(a=entry(0, 3, [4], "F6_E3M2")), 3),
    "type F8_E4M3FNUZ": (text(a=entry(0, 4, dtype="F8_E4M3FNUZ")), 4),
    "type F8_E5M2FNUZ": (text(a=entry(0, 4, dtype="F8_E5M2FNUZ")), 4),
    "no name": ('{"":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    "name with a slash": (text(**{"a/b\n\u00fc": entry(0, 4)}), 4),
    "name with a lone surrogate": ('{"\\ud800":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    "name with a surrogate pair": ('{"\\ud83d\\ude00":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    "name with a raw control character": ('{"a\n":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    "name that is no UTF-8": (b'{"\xff":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    "space before": (" " + text(a=entry(0, 4)), 4),
    "many spaces before": (" " * 4096 + text(a=entry(0, 4)), 4),
    "line ends and tabs before": ("\r\n\t" + text(a=entry(0, 4)), 4),
    "a form feed before": ("\f" + text(a=entry(0, 4)), 4),
    "spaces behind": (text(a=entry(0, 4)) + "     ", 4),
    "line ends and tabs within": ('{\n\t"a" : {"dtype":"U8",\r"shape":[4],"data_offsets":[0,4]}}', 4),
    "line end behind": (text(a=entry(0, 4)) + "\n", 4),
    "zero bytes behind": (text(a=entry(0, 4)) + "\0\0", 4),
    "text behind": (text(a=entry(0, 4)) + "{}", 4),
    "comma before the bracket": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},}', 4),
    "comma in the shape": ('{"a":{"dtype":"U8","shape":[4,],"data_offsets":[0,4]}}', 4),
    "leading zero": ('{"a":{"dtype":"U8","shape":[04],"data_offsets":[0,4]}}', 4),
    "plus": ('{"a":{"dtype":"U8","shape":[+4],"data_offsets":[0,4]}}', 4),
    "minus zero": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[-0,4]}}', 4),
    "a comment": ('{/**/"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    "a list": ("[]", 0),
    "null": ("null", 0),
    "an open bracket": ("{", 0),
    "empty header": ("", 0),
    "spaces alone": ("    ", 0),
    "a byte order mark": ("\ufeff" + text(a=entry(0, 4)), 4),
    "deep key of its own": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"n":' + "[" * 100 + "]" * 100 + "}}", 4),
    "deeper than 128": ('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"n":' + "[" * 200 + "]" * 200 + "}}", 4),
    "many dimensions": (text(a=entry(0, 4, [4] + [1] * 99)), 4),
    "length too long": (text(a=entry(0, 4)), 4, 1000),
    "length too short": (text(a=entry(0, 4)), 4, 3),
    "length beyond the limit": (text(a=entry(0, 4)), 4, 100_000_001),
    "length of 64 bits": (text(a=entry(0, 4)), 4, 2**64 - 1),
    "length zero": ("", 4, 0),
}
for name in TYPES:
    size = {"8": 1, "6": 2, "2": 4, "4": 8}[name.split("_")[0][-1]] if name not in ("BOOL", "C64") else {"BOOL": 1, "C64": 8}[name]
    CASES[f"type {name}"] = (text(a=entry(0, 3 * size, [3], name)), 3 * size)


def verdict(content):
    with tempfile.NamedTemporaryFile(suffix=".safetensors") as file:
        file.write(content)
        file.flush()
        try:
            with safe_open(file.name, "numpy") as opened:
                return {name: [opened.get_slice(name).get_dtype(), opened.get_slice(name).get_shape()] for name in opened.keys()}, None
        except Exception as error:
            return None, f"{type(error).__name__}: {error}"


def main():
    cases = []
    for name, (header, data, *length) in CASES.items():
        raw = header if isinstance(header, bytes) else header.encode()
        tensors, error = verdict(struct.pack("<Q", length[0] if length else len(raw)) + raw + bytes(data))
        case = dict(name=name, data=data, tensors=tensors)
        case |= dict(hex=raw.hex()) if isinstance(header, bytes) else dict(header=header)
        if length:
            case["length"] = str(length[0])
        if error:
            case["error"] = error[:120]
        cases.append(case)
    for size in range(0, 9):
        tensors, error = verdict(bytes(size))
        cases.append(dict(name=f"{size} zero bytes", raw=size, tensors=tensors, error=error))
    OUT.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
