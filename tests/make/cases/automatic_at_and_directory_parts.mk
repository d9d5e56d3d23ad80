test: sub/dir/file.o plain
sub/dir/file.o plain:
	echo [$@] [$(@D)] [$(@F)] [$(@:.o=.c)] [${@D}]
