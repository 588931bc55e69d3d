"""An engagement as a workbook: written, read, changed without loss, and marked where something is wrong."""
