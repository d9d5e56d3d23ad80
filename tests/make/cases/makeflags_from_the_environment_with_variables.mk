#T env: "MAKEFLAGS= -- A=env\ x B=2"
A = file
$(info [$(A)] $(origin A) $(B) [$(MAKEFLAGS)])
test:
