#T files: libfoo.a libs/libbar.so
.LIBPATTERNS = lib%.so lib%.a
VPATH = libs
test: -lfoo -lbar
	echo $^
