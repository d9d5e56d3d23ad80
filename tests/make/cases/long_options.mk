#T args: --keep-going --ignore-errors --silent --environment-overrides
#T env: A=env
A = file
$(info [$(MAKEFLAGS)] $(A))
test:
