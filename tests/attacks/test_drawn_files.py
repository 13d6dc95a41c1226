"""Files as Hypothesis draws them, through whole commands; `benchmarks/hostile_files.py` draws more."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from attacks.drawn import DRAWS

CALM = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large)


@pytest.mark.filterwarnings("ignore")  # of a configuration that is read with a warning
@pytest.mark.parametrize("kind", DRAWS)
def test_whatever_a_file_holds_a_command_does_its_work_or_says_one_line(kind, tmp_path):
    act, strategy = DRAWS[kind]
    settings(max_examples=300, suppress_health_check=CALM)(given(strategy)(lambda drawn: act(tmp_path, drawn)))()
