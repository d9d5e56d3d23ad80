lib/%: A = pattern
lib/b: A = own
test: lib/a lib/b
lib/a lib/b: lib/%: src-%
	echo $@ $< $(A)
src-%: ; @echo $@ $(A)
