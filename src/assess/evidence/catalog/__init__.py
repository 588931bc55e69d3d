"""The integration catalog of an engagement: Backstage descriptors, what refers to what, and what is wrong with it."""

from .binding import Binding
from .entity import INVERSE, Entity, Kind, Notes, Relation, RelationType, Sla, Text
from .judging import read
from .result import Catalog, Impact
from .tangle import Tangle

__all__ = [
    "INVERSE",
    "Binding",
    "Catalog",
    "Entity",
    "Impact",
    "Kind",
    "Notes",
    "Relation",
    "RelationType",
    "Sla",
    "Tangle",
    "Text",
    "read",
]
