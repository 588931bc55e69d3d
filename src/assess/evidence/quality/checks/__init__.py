"""The checks of data: what each looks for in a column, a row, a table or a pair of tables."""
