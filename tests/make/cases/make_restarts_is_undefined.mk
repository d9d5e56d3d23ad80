$(info [$(MAKE_RESTARTS)] $(origin MAKE_RESTARTS))
test:
