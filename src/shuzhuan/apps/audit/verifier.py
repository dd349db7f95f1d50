#!/usr/bin/env python3
"""Verify an exported audit log, or a receipt, with nothing but Python's standard library.

    python3 verifier.py audit.jsonl [--key 公钥]     whole chains and their checkpoints
    python3 verifier.py receipt.json [--key 公钥]    one receipt

This file imports nothing of the platform, so that an auditor can read it whole and run
it anywhere. An export is JSON lines: {"type": "row", "row": …, "leaf": …} in order and
{"type": "checkpoint", …}. A chain alone does not stop someone who can rewrite all of it:
give the public key and compare a checkpoint with one that was published before.
Exit codes: 0 all good, 1 tampering found, 2 the file cannot be read.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

# -- hashing -------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def leaf_of(row: dict[str, Any], algorithm: str) -> str:
    return hashlib.new(algorithm, b"\x00" + canonical(row)).hexdigest()


def node_of(left: bytes, right: bytes, algorithm: str) -> bytes:
    return hashlib.new(algorithm, b"\x01" + left + right).digest()


def root_of(leaves: list[str], algorithm: str) -> bytes:
    """Recursive definition of RFC 6962: split at the largest power of two below the size."""
    if len(leaves) == 1:
        return bytes.fromhex(leaves[0])
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left = root_of(leaves[:split], algorithm)
    return node_of(left, root_of(leaves[split:], algorithm), algorithm)


# -- Ed25519 (RFC 8032), verification only ---------------------------------------

Point = tuple[int, int, int, int]  # extended coordinates
KEY_BYTES, SIGNATURE_BYTES = 32, 64
PROBLEMS_MAX = 20  # per chain; one break is told once, not once per row behind it
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


# -- what is checked ----------------------------------------------------------------


def check_checkpoint(point: dict[str, Any], key: str) -> list[str]:
    fields = ("algorithm", "at", "chain", "root", "size")
    message = canonical({name: point[name] for name in fields})
    problems = []
    if key and point["key"] != key:
        problems.append(f"链 {point['chain']} 的检查点（{point['size']} 条）不是用给出的公钥签的")
    if not signed(bytes.fromhex(point["key"]), message, bytes.fromhex(point["signature"])):
        problems.append(f"链 {point['chain']} 的检查点（{point['size']} 条）签名不对")
    return problems


def check_chain(name: str, rows: list[dict[str, Any]], algorithm: str) -> list[str]:
    """Numbers without a gap, every leaf right, every row holding the leaf of the one before."""
    problems = []
    previous = "0" * 64
    for at, entry in enumerate(rows, 1):
        row, leaf = entry["row"], entry["leaf"]
        if row["number"] != at:
            problems.append(f"链 {name} 第 {at} 条的序号是 {row['number']}：有缺失、重复或调换")
        if row["previous"] != previous:
            problems.append(f"链 {name} 第 {at} 条接不上前一条")
        if leaf_of(row, algorithm) != leaf:
            problems.append(f"链 {name} 第 {at} 条的内容被改过")
        previous = leaf
        if len(problems) > PROBLEMS_MAX:
            break
    return problems


def check_export(lines: list[str], key: str) -> tuple[list[str], int, int]:
    rows: dict[str, list[dict[str, Any]]] = {}
    points: list[dict[str, Any]] = []
    for line in lines:
        entry = json.loads(line)
        if entry["type"] == "row":
            rows.setdefault(entry["chain"], []).append(entry)
        else:
            points.append(entry)
    algorithms = {point["chain"]: point["algorithm"] for point in points}
    problems = []
    for name, entries in rows.items():
        problems += check_chain(name, entries, algorithms.get(name, "sha256"))
    for point in points:
        problems += check_checkpoint(point, key)
        entries = rows.get(point["chain"], [])
        if len(entries) < point["size"]:
            problems.append(
                f"链 {point['chain']} 只有 {len(entries)} 条，检查点有 {point['size']} 条：被截断"
            )
            continue
        leaves = [entry["leaf"] for entry in entries[: point["size"]]]
        if root_of(leaves, point["algorithm"]).hex() != point["root"]:
            problems.append(f"链 {point['chain']} 的前 {point['size']} 条与检查点的根不符")
    if not rows:
        problems.append("没有任何记录：零条不算核验通过")
    return problems, sum(len(entries) for entries in rows.values()), len(points)


def check_receipt(receipt: dict[str, Any], key: str) -> list[str]:
    point, row = receipt["checkpoint"], receipt["row"]
    algorithm = point["algorithm"]
    problems = check_checkpoint(point, key)
    if leaf_of(row, algorithm) != receipt["leaf"]:
        problems.append("回执的内容被改过")
    current = bytes.fromhex(receipt["leaf"])
    for side, sibling in receipt["proof"]:
        other = bytes.fromhex(sibling)
        pair = (other, current) if side == "left" else (current, other)
        current = node_of(*pair, algorithm)
    if current.hex() != point["root"]:
        problems.append("回执不在检查点的树里")
    return problems


def main(arguments: list[str]) -> int:
    key = ""
    if "--key" in arguments:
        at = arguments.index("--key")
        key = arguments[at + 1]
        arguments = arguments[:at] + arguments[at + 2 :]
    if len(arguments) != 1:
        print(__doc__)
        return 2
    try:
        text = Path(arguments[0]).read_text("utf-8")
        if '"format"' in text[:2000] and "shuzhuan.receipt/1" in text:
            problems, rows, points = check_receipt(json.loads(text), key), 1, 1
        else:
            problems, rows, points = check_export(text.splitlines(), key)
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        print(f"读不了这份文件：{error!r}")
        return 2
    for problem in problems:
        print(problem)
    print(
        f"核验 {rows} 条记录、{points} 个检查点：{'没有发现改动' if not problems else f'{len(problems)} 处不对'}"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
