#T files: test src/a@10 src/b@-10
VPATH = src
test: a | b
	echo [$^] [$?] [$|]
