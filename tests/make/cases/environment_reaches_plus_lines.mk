#T env: E=env
export A = exported
B = not
E = changed
test: C = no
test: export D = d-$@
test:
	+@echo "$$A [$$B] [$$C] $$D $$E $$MAKELEVEL"
