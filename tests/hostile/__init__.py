"""What a stranger's folder, a broken machine and a careless hand may do: nothing that the consultant did not allow."""
