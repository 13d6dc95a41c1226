"""Small drawings for pages: our own SVG, titled, told in words, for light and dark."""

from symformer.pictures.bars import bars
from symformer.pictures.curves import curves
from symformer.pictures.graph import graph
from symformer.pictures.heat_map import heat_map
from symformer.pictures.mask import mask
from symformer.pictures.multiples import multiples
from symformer.pictures.particles import particles
from symformer.pictures.phase_diagram import phase_diagram
from symformer.pictures.picture import Picture
from symformer.pictures.projection import projection
from symformer.pictures.shares import shares

__all__ = [
    "Picture",
    "bars",
    "curves",
    "graph",
    "heat_map",
    "mask",
    "multiples",
    "particles",
    "phase_diagram",
    "projection",
    "shares",
]
