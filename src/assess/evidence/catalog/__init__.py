"""The integration catalog of an engagement: Backstage descriptors, what refers to what, and what is wrong with it."""

from .entity import INVERSE, Entity, Kind, Notes, Relation, RelationType, Sla, Text
from .judging import list_gaps, read
from .landscape import Binding, Tangle
from .result import Catalog, Impact

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
    "list_gaps",
    "read",
]
