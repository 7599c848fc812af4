#!/usr/bin/env python3
"""Verifies the golden vectors of the tree over the log, merkle.json, with the standard library alone: RFC 8785
(canonical JSON), RFC 9162 (tree hashes and proofs), C2SP signed-note and tlog-checkpoint, RFC 8032 (Ed25519).

    verify.py [merkle.json]

Prints what it verified; the first thing that is wrong ends it with status 1."""

import base64
import hashlib
import json
import sys
from pathlib import Path


# --- RFC 8785

SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def string(text):
    return '"' + "".join(SHORT.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in text) + '"'


def number(value):
    """As ECMAScript writes it. Python's repr has the same digits, which are the fewest that tell the number."""
    if isinstance(value, int) and abs(value) < 2**53:
        return str(value)
    value = float(value)
    if value == 0:
        return "0"
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    point = len(whole) + int(exponent or 0)
    digits = (whole + fraction).lstrip("0")
    point -= len(whole + fraction) - len(digits)
    digits = digits.rstrip("0")
    if 0 < point <= 21:
        text = digits[:point].ljust(point, "0") + ("." + digits[point:] if digits[point:] else "")
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        text = digits[0] + ("." + digits[1:] if digits[1:] else "") + f"e{point - 1:+d}"
    return ("-" if value < 0 else "") + text


def canonical(value):
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return string(value)
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    # By UTF-16 code units, not by code points.
    members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
    return "{" + ",".join(f"{string(name)}:{canonical(inner)}" for name, inner in members) + "}"


def entry(stored):
    """The canonical entry of a stored event, whose data and metadata are JSON as the engine wrote them."""
    day, _, time = stored["recordedAt"].rstrip("Z").partition("T")
    seconds, _, fraction = time.partition(".")
    return canonical({
        "data": json.loads(stored["data"]),
        "id": stored["id"],
        "metadata": json.loads(stored["metadata"]),
        "position": str(stored["position"]),
        "recordedAt": f"{day}T{seconds}.{fraction:0<6}Z",
        "schemaVersion": stored["schemaVersion"],
        "stream": stored["stream"],
        "type": stored["type"],
        "version": stored["version"],
    })


# --- RFC 9162

def leaf_hash(data):
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves):
    """MTH, section 2.1.1."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return node_hash(root(leaves[:k]), root(leaves[k:]))


def root_from_inclusion(index, size, leaf, path):
    """Section 2.1.3.2; None when the path has not the right length."""
    if index >= size:
        return None
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return r if sn == 0 else None


def is_consistent(first, second, first_root, second_root, path):
    """Section 2.1.4.2."""
    if first == second:
        return not path and first_root == second_root
    path = list(path)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        return False
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return fr == first_root and sr == second_root and sn == 0


# --- RFC 8032, section 6

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(s, p):
    q = (0, 1, 1, 0)
    while s:
        if s & 1:
            q = add(q, p)
        p, s = add(p, p), s >> 1
    return q


def decompress(octets):
    y = int.from_bytes(octets, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r, s = decompress(public), decompress(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left, right = multiply(s, BASE), add(r, multiply(h, a))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


# --- C2SP signed-note and tlog-checkpoint

def checkpoint(note, public_key):
    """The origin, size and root in a signed note, if the key has signed it."""
    name, key_id, key = public_key.split("+", 2)
    key = base64.b64decode(key, validate=True)
    expected = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    if key[0] != 1 or key_id != expected.hex():
        return None
    text, signatures = note.rsplit("\n\n", 1)
    for line in signatures.splitlines():
        dash, signer, signature = line.split(" ")
        signature = base64.b64decode(signature, validate=True)
        if (dash, signer, signature[:4]) == ("\u2014", name, expected):
            if not is_signed(key[1:], f"{text}\n".encode(), signature[4:]):
                return None
            origin, size, root_hash = text.split("\n")[:3]
            return origin, int(size), base64.b64decode(root_hash, validate=True)
    return None


# --- The vectors

def check(holds, *what):
    if not holds:
        print("WRONG:", *what, file=sys.stderr)
        sys.exit(1)


def octets(text):
    return base64.b64decode(text, validate=True)


def check_events(events, bundle):
    entries = []
    for number, event in enumerate(events):
        text = entry(event["stored"])
        check(text == event["entry"], "entry of event", number, text)
        check(leaf_hash(text.encode()) == octets(event["leafHash"]), "leaf hash of event", number)
        entries.append(text.encode())
    framed = b"".join(len(one).to_bytes(2, "big") + one for one in entries)
    check(framed == octets(bundle), "tile of entries")
    print(len(events), "entries and their leaf hashes")


def check_tree(tree):
    size = len(tree["roots"]) - 1
    leaves = [leaf_hash(f"entry {index}".encode()) for index in range(size)]
    roots = [root(leaves[:n]) for n in range(size + 1)]
    check(roots == [octets(text) for text in tree["roots"]], "roots")
    for tile in tree["tiles"]:
        level, index, hashes = tile["level"], tile["index"], octets(tile["hashes"])
        below = 256**level
        first, count = index * 256, len(hashes) // 32
        subtrees = [root(leaves[n * below : (n + 1) * below]) for n in range(first, first + count)]
        check(b"".join(subtrees) == hashes, "tile", level, index)
    for proof in tree["inclusion"]:
        index, n, path = proof["index"], proof["size"], [octets(text) for text in proof["path"]]
        check(root_from_inclusion(index, n, leaves[index], path) == roots[n], "inclusion of", index, "in", n)
        for spoilt in spoil(path):
            found = root_from_inclusion(index, n, leaves[index], spoilt)
            check(found != roots[n], "spoilt inclusion of", index, "in", n)
    for proof in tree["consistency"]:
        m, n, path = proof["from"], proof["to"], [octets(text) for text in proof["path"]]
        check(is_consistent(m, n, roots[m], roots[n], path), "consistency of", m, "with", n)
        for spoilt in spoil(path):
            check(not is_consistent(m, n, roots[m], roots[n], spoilt), "spoilt consistency of", m, "with", n)
    print(size + 1, "roots,", len(tree["tiles"]), "tiles,", len(tree["inclusion"]), "inclusion and",
          len(tree["consistency"]), "consistency proofs")
    return roots


def spoil(path):
    """Paths that must not verify."""
    for at in range(len(path)):
        yield path[:at] + [bytes([path[at][0] ^ 1]) + path[at][1:]] + path[at + 1 :]
        yield path[:at] + path[at + 1 :]
    yield path + [bytes(32)]


def check_note(signed, roots):
    for key in signed["publicKeys"]:
        found = checkpoint(signed["note"], key)
        check(found is not None, "signature of", key)
        origin, size, root_hash = found
        check(origin == key.split("+")[0] and root_hash == roots[size], "checkpoint", found)
        check(checkpoint(signed["note"].replace(f"\n{size}\n", f"\n{size - 1}\n"), key) is None, "spoilt note")
    print(len(signed["publicKeys"]), "signatures of a checkpoint")


def main():
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("merkle.json")
    vectors = json.loads(path.read_text(encoding="utf-8"))
    check_events(vectors["events"], vectors["entriesTile"])
    roots = check_tree(vectors["tree"])
    check_note(vectors["checkpoint"], roots)


main()
