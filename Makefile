.PHONY: report test lab
