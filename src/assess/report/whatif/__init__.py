"""What if: models that a page computes. `model` says what they are; the others make one each."""

from assess.core.grids import Floats

from .model import Array, Deeper, FormulaStep, Output, Slider, WhatIf

__all__ = ["Array", "Deeper", "Floats", "FormulaStep", "Output", "Slider", "WhatIf"]
