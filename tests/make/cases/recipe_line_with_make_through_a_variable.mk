# What is looked for is the text of the line, unexpanded.
#T files: "other.mk=all: ; @echo in other"
M = $(MAKE)
test:
	$(M) -f other.mk
	@: $(MAKE); echo really run
