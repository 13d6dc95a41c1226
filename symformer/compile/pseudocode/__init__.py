"""Programs as tiled loop nests, the way a kernel writer would put them on a whiteboard: in text and in LaTeX."""

from symformer.compile.pseudocode.nests import Nest, nests
from symformer.compile.pseudocode.printing import pseudocode

__all__ = ["Nest", "nests", "pseudocode"]
