"""Array notation, and the door for NumPy code: NumPy's operations on tensors, as definitions in index notation."""

from symformer.arrays import creating as creating
from symformer.arrays import indexing as indexing
from symformer.arrays import joining as joining
from symformer.arrays import operators as operators
from symformer.arrays import ordering as ordering
from symformer.arrays import products as products
from symformer.arrays import reductions as reductions
from symformer.arrays import shifting as shifting
from symformer.arrays import writing as writing
from symformer.arrays.array import Array
from symformer.arrays.errors import ArrayError, ArrayShapeError
from symformer.arrays.shapes import parsed_shapes
from symformer.arrays.tensors import ArrayTensor
from symformer.arrays.words import argsort, concat, flip, pad, rank, roll, sort, stack, top_k
from symformer.notation import Tensor, scalar, tensor

__all__ = [
    "Array",
    "ArrayError",
    "ArrayShapeError",
    "ArrayTensor",
    "Tensor",
    "argsort",
    "concat",
    "flip",
    "pad",
    "parsed_shapes",
    "rank",
    "roll",
    "scalar",
    "sort",
    "stack",
    "tensor",
    "top_k",
]
