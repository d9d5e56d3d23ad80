#T files: test a@-10 b@10 sub/c@20
test: a b sub/c
	echo [$?] [$(?D)] [$(?F)] [$^]
