"""What lies outside: files that are read and written, processes that work. Nothing read here is run as code."""

from symformer.system.arrays import read_arrays
from symformer.system.eight_bits import EIGHT_BITS
from symformer.system.folders import cache_folder
from symformer.system.json_files import Unusable, read_json
from symformer.system.reading import MOST_BYTES, content_of, readable
from symformer.system.safetensors_files import StoredTensor, bfloat16_to_float32, read_header, read_tensors
from symformer.system.words import brief, script_json, visible
from symformer.system.workers import Lost, Raised, described, worked
from symformer.system.writing import PREFIX, write_new, write_whole

__all__ = [
    "EIGHT_BITS",
    "MOST_BYTES",
    "PREFIX",
    "Lost",
    "Raised",
    "StoredTensor",
    "Unusable",
    "bfloat16_to_float32",
    "brief",
    "cache_folder",
    "content_of",
    "described",
    "read_arrays",
    "read_header",
    "read_json",
    "read_tensors",
    "readable",
    "script_json",
    "visible",
    "worked",
    "write_new",
    "write_whole",
]
