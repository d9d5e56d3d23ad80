define A
one \
  two
three\
four
endef
$(info [$(A)])
test:
	$(A)
