#T files: "other.mk=all: ; @echo level $(MAKELEVEL)"
test:
	@${MAKE} -f other.mk
