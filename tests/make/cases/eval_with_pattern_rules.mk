#T files: a.c
define R
%.$(1): %.$(2)
	$$(info $$@ from $$<)echo
endef
$(eval $(call R,o,c))
test: a.o
