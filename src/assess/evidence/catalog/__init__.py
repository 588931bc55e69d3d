"""The integration catalog of an engagement: Backstage descriptors, what refers to what, and what is wrong with it."""

from .entity import INVERSE, Entity, Kind, Notes, Relation, RelationType, Sla, Text
from .judging import read
from .result import Catalog

__all__ = [
    "INVERSE",
    "Catalog",
    "Entity",
    "Kind",
    "Notes",
    "Relation",
    "RelationType",
    "Sla",
    "Text",
    "read",
]
