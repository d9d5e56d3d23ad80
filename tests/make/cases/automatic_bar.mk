test: | sub/b c
	echo [$|] [$(|D)] [$(|F)]
sub/b c:
