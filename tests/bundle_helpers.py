"""Bundles to change, and what is said of the changed ones."""

import hashlib
import json

from trust_records import CLASSES, made

from mirbench.protocols import load_protocol
from mirbench.records import decode_outputs
from mirbench.trust.accept import examine
from mirbench.trust.archive import pack, unpack
from mirbench.trust.bundle import LIMITS
from mirbench.trust.outputs import read
from mirbench.trust.submit import bundle, plain_json

PROTOCOL = load_protocol(CLASSES)


def good_files():
    """Files of a bundle of two seeds."""
    records = [made(PROTOCOL, "theirs", 0.2, seed) for seed in (0, 1)]
    return unpack(bundle(records, PROTOCOL), LIMITS, "good")


def taken(files, protocol=PROTOCOL):
    return examine(pack(files), "b.zip", protocol, read)


def member(files, form):
    return min(name for name in files if name.endswith(f".{form}") and name != "bundle.json")


def with_json(files, name, change):
    """The same with a JSON member changed."""
    found = json.loads(files[name])
    change(found)
    return files | {name: plain_json(found)}


def with_outputs(files, data):
    """Other outputs under a hash that agrees."""
    digest = hashlib.sha256(data).hexdigest()
    changed = with_json(files, member(files, "json"), lambda h: h.update(outputs_sha256=digest))
    return changed | {member(files, "parquet"): data}


def outputs_of(files):
    return decode_outputs(files[member(files, "parquet")], "classes")


def changed(outputs, row, scores):
    outputs = outputs.copy()
    outputs.at[row, "scores"] = scores
    return outputs
