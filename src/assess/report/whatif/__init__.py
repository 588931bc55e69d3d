"""What if: models that a page computes. `model` says what they are, `formulas` evaluates them; the others make one each."""

from .formulas import OPERATORS, Floats, Formula
from .model import Array, Deeper, Output, Slider, Step, WhatIf

__all__ = ["OPERATORS", "Array", "Deeper", "Floats", "Formula", "Output", "Slider", "Step", "WhatIf"]
