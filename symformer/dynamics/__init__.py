"""Transformers as interacting particles: equations as programs, simulations generated from them, sweeps, pictures."""

from symformer.dynamics.angles import circle_program, kuramoto_program
from symformer.dynamics.diagram import PhaseDiagram, read_diagram
from symformer.dynamics.drawings import draw_energy, draw_gamma, draw_particles, draw_phase_diagram, phase_curve
from symformer.dynamics.equations import Attention, attention_program, energy_program, gram_program
from symformer.dynamics.equiangular import (
    gamma,
    gamma_at_beta_zero,
    gamma_program,
    gamma_velocity,
    phase_time,
    rate_program,
)
from symformer.dynamics.errors import DynamicsError
from symformer.dynamics.figures import EnergyPicture, GammaPicture, ParticlePicture, PhasePicture
from symformer.dynamics.flows import Flow, attention_flow, circle_flow, gram_flow, kuramoto_flow
from symformer.dynamics.grid import Grid
from symformer.dynamics.integrate import advance
from symformer.dynamics.long_context import attended_cosine, attended_program
from symformer.dynamics.observe import cluster_count, cluster_labels, cosines, energy
from symformer.dynamics.page import sphere_page
from symformer.dynamics.rescaled import attention_matrix, rescaled_flow
from symformer.dynamics.simulation import Simulation, simulate
from symformer.dynamics.start import (
    angles,
    equiangular,
    hemisphere,
    in_open_hemisphere,
    orthogonal,
    random_weights,
    uniform,
    wendel,
)
from symformer.dynamics.sweeps import sweep
from symformer.dynamics.unprojected import rescaled_program, shares_program
from symformer.notation.public import public_room

__all__ = [
    "Attention",
    "DynamicsError",
    "EnergyPicture",
    "Flow",
    "GammaPicture",
    "Grid",
    "ParticlePicture",
    "PhaseDiagram",
    "PhasePicture",
    "Simulation",
    "advance",
    "angles",
    "attended_cosine",
    "attended_program",
    "attention_flow",
    "attention_matrix",
    "attention_program",
    "circle_flow",
    "circle_program",
    "cluster_count",
    "cluster_labels",
    "cosines",
    "draw_energy",
    "draw_gamma",
    "draw_particles",
    "draw_phase_diagram",
    "energy",
    "energy_program",
    "equiangular",
    "gamma",
    "gamma_at_beta_zero",
    "gamma_program",
    "gamma_velocity",
    "gram_flow",
    "gram_program",
    "hemisphere",
    "in_open_hemisphere",
    "kuramoto_flow",
    "kuramoto_program",
    "orthogonal",
    "phase_curve",
    "phase_time",
    "random_weights",
    "rate_program",
    "read_diagram",
    "rescaled_flow",
    "rescaled_program",
    "shares_program",
    "simulate",
    "sphere_page",
    "sweep",
    "uniform",
    "wendel",
]

public_room(globals(), __all__)
