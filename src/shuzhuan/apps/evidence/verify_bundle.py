#!/usr/bin/env python3
"""Verify the bundle of an archive with nothing but Python's standard library.

    python3 verify_bundle.py 企业档案.zip [--key 公钥]

Every file must have the hash and size that manifest.json states, nothing may be missing or added,
and every audit receipt must lead to the root of a checkpoint signed with one key. An upload in a
receipt must name the hash of the file in the bundle. Give the published public key, or compare
the one that is printed.
Exit codes: 0 all good, 1 tampering found, 2 the file cannot be read.
"""

import hashlib
import json
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

FORMAT = "shuzhuan.bundle/1"
CHUNK_BYTES = 256 * 1024
MANIFEST_BYTES_MAX = 64 * 1024 * 1024
KEY_BYTES, SIGNATURE_BYTES = 32, 64

# -- hashing --------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def leaf_of(row: dict[str, Any], algorithm: str) -> str:
    return hashlib.new(algorithm, b"\x00" + canonical(row)).hexdigest()


def node_of(left: bytes, right: bytes, algorithm: str) -> bytes:
    return hashlib.new(algorithm, b"\x01" + left + right).digest()


# -- Ed25519 (RFC 8032), verification only -----------------------------------------

Point = tuple[int, int, int, int]  # extended coordinates
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def _x_of(y: int, sign: int) -> int | None:
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


def _add(a: Point, b: Point) -> Point:
    left, right = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    cross, double = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = right - left, double - cross, double + cross, right + left
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _multiply(times: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while times:
        if times & 1:
            result = _add(result, point)
        point = _add(point, point)
        times >>= 1
    return result


def _same(a: Point, b: Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def _point(raw: bytes) -> Point | None:
    number = int.from_bytes(raw, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    x = _x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = _x_of(BASE_Y, 0) or 0
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` (64 bytes) over ``message`` was made with ``key`` (32 bytes)."""
    if len(key) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    public, commitment = _point(key), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if public is None or commitment is None or scalar >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    challenge = int.from_bytes(digest, "little") % ORDER
    return _same(_multiply(scalar, BASE), _add(commitment, _multiply(challenge, public)))


# -- what is checked ---------------------------------------------------------------------


class Receipts:
    """Checks receipts; each checkpoint's signature is computed once."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.keys: set[str] = set()
        self._seen: dict[bytes, list[str]] = {}

    def check(self, name: str, receipt: dict[str, Any]) -> list[str]:
        point, row = receipt["checkpoint"], receipt["row"]
        algorithm = point["algorithm"]
        problems = list(self._checkpoint(point))
        if leaf_of(row, algorithm) != receipt["leaf"]:
            problems.append(f"{name}：回执的内容被改过")
        current = bytes.fromhex(receipt["leaf"])
        for side, sibling in receipt["proof"]:
            other = bytes.fromhex(sibling)
            pair = (other, current) if side == "left" else (current, other)
            current = node_of(*pair, algorithm)
        if current.hex() != point["root"]:
            problems.append(f"{name}：不在检查点的树里")
        return problems

    def _checkpoint(self, point: dict[str, Any]) -> list[str]:
        whole = canonical(point)
        if whole not in self._seen:
            fields = ("algorithm", "at", "chain", "root", "size")
            message = canonical({name: point[name] for name in fields})
            problems = []
            self.keys.add(point["key"])
            if self.key and point["key"] != self.key:
                problems.append(f"链 {point['chain']} 的检查点不是用给出的公钥签的")
            if not signed(bytes.fromhex(point["key"]), message, bytes.fromhex(point["signature"])):
                problems.append(f"链 {point['chain']} 的检查点签名不对")
            self._seen[whole] = problems
            return problems
        return []


def pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as file:
        while piece := file.read(CHUNK_BYTES):
            yield piece


def hashed(archive: zipfile.ZipFile, name: str) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for piece in pieces(archive, name):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def read_json(archive: zipfile.ZipFile, name: str) -> Any:
    if archive.getinfo(name).file_size > MANIFEST_BYTES_MAX:
        raise ValueError(f"{name} 太大")
    return json.loads(archive.read(name))


def check_files(archive: zipfile.ZipFile, listed: list[dict[str, Any]]) -> list[str]:
    names = archive.namelist()
    problems = [f"{name}：出现两次" for name in sorted(set(names)) if names.count(name) > 1]
    stated = {entry["path"] for entry in listed}
    problems += [
        f"{name}：清单里没有，是后来加进去的"
        for name in sorted(set(names) - stated - {"manifest.json"})
    ]
    for entry in listed:
        name = entry["path"]
        if name not in names:
            problems.append(f"{name}：缺少")
            continue
        try:
            found = hashed(archive, name)
        except (zipfile.BadZipFile, EOFError, OSError, ValueError) as error:
            problems.append(f"{name}：读不出来（{error}）")
            continue
        if found != (entry["sha256"], entry["bytes"]):
            problems.append(f"{name}：内容被改过")
    return problems


def check_receipts(
    archive: zipfile.ZipFile, listed: list[dict[str, Any]], receipts: Receipts
) -> tuple[list[str], int]:
    """Every receipt is sound, and every upload it tells of is the file that is here."""
    problems, count = [], 0
    files = {
        (str(entry["document"]), entry["version"]): entry["sha256"]
        for entry in listed
        if "document" in entry
    }
    proven = set()
    for entry in listed:
        name = entry["path"]
        if not name.startswith("receipts/"):
            continue
        receipt = read_json(archive, name)
        problems += receipts.check(name, receipt)
        count += 1
        row = receipt["row"]
        if row["action"] in ("upload_document", "upload_version"):
            key = (row["object"], row["detail"]["version"])
            proven.add(key)
            if files.get(key) != row["detail"]["sha256"]:
                problems.append(f"{name}：记录的指纹与包里的文件不符")
    if files and not count:
        problems.append("没有任何回执：文件的来历无从核对")
    elif missing := len(set(files) - proven):
        print(f"注意：有 {missing} 个文件没有上传回执")
    return problems, count


def main(arguments: list[str]) -> int:
    key = ""
    if "--key" in arguments[:-1]:
        at = arguments.index("--key")
        key = arguments[at + 1]
        arguments = arguments[:at] + arguments[at + 2 :]
    if len(arguments) != 1:
        print(__doc__)
        return 2
    receipts = Receipts(key)
    try:
        with zipfile.ZipFile(arguments[0]) as archive:
            manifest = read_json(archive, "manifest.json")
            if manifest["format"] != FORMAT:
                raise ValueError(f"格式是 {manifest['format']}，这个程序只认 {FORMAT}")
            listed = manifest["files"]
            problems = check_files(archive, listed)
            if not problems:
                found, count = check_receipts(archive, listed, receipts)
                problems += found
            else:
                count = 0
    except (OSError, ValueError, KeyError, TypeError, IndexError, zipfile.BadZipFile) as error:
        print(f"读不了这份文件：{error!r}")
        return 2
    for problem in problems:
        print(problem)
    print(f"{manifest['owner']['name']}（{manifest['owner']['uscc']}）")
    for name in sorted(receipts.keys):
        print(f"检查点公钥：{name}")
    verdict = "没有发现改动" if not problems else f"{len(problems)} 处不对"
    print(f"核验 {len(listed)} 个文件、{count} 份回执：{verdict}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
