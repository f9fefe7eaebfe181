"""How many worlds Hypothesis draws, by the variable LEADLIGHT_HYPOTHESIS.

`dev`: in every run of the tests. `prove`: for the proof. `plant`: as `dev`, but what fails is not made smaller.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

# A world is a few hundred draws, which Hypothesis by itself finds large; the same worlds in every run.
SETTINGS = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
settings.register_profile("dev", SETTINGS, max_examples=150)
settings.register_profile("prove", SETTINGS, max_examples=2000)
settings.register_profile(
    "plant", SETTINGS, max_examples=150, phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False
)
settings.load_profile(os.environ.get("LEADLIGHT_HYPOTHESIS", "dev"))
