$(info $(if x,yes,$(error no)) $(if ,$(error no),else) $(or a,$(error no)) [$(and ,$(error no))])
test:
