#T returncode: 2
.LIBPATTERNS = lib%.so lib%.a
test: -lno-such-library
	echo $^
