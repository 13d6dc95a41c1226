"""What a NAME on the command line can stand for beside a slug."""

from __future__ import annotations

from symformer.ops import MODULES, Signature

SIGNATURES: dict[str, Signature] = {
    signature.name: signature for module in MODULES for signature in module.SIGNATURES
}  # the library's ops, by the name of their function
