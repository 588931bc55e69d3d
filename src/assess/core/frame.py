"""A DataFrame as the field of a record: equal by value, and the same after a trip through JSON."""

from __future__ import annotations

import io
from typing import Annotated, Any

import pandas as pd
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


class _FrameSchema:
    """Tell pydantic how a DataFrame is read and written (``orient="table"`` keeps the types)."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._read,
            serialization=core_schema.plain_serializer_function_ser_schema(cls._write, when_used="json"),
        )

    @staticmethod
    def _read(value: object) -> pd.DataFrame:
        if isinstance(value, pd.DataFrame):
            return value
        if isinstance(value, str):
            return pd.read_json(io.StringIO(value), orient="table", precise_float=True)
        raise ValueError("a table must be a DataFrame, or JSON text in pandas' table orientation")

    @staticmethod
    def _write(frame: pd.DataFrame) -> str:
        return str(frame.to_json(orient="table", index=False, double_precision=15))


Frame = Annotated[pd.DataFrame, _FrameSchema]
