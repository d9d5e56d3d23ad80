ifdef NOPE
this is not a makefile
	nor this
include nofile
$(error no)
unterminated $(subst
= x
endif
test:
