"""The workbooks beside a report: ``model.xlsx`` with live formulas, and ``actions.xlsx``."""
