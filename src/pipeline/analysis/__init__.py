"""The analyst's door in Python: pandas frames in and out, for notebooks and scripts. Others use `Leadlight`."""

from pipeline.analysis.leadlight import Leadlight

__all__ = ["Leadlight"]
