test: a/./b a//c a/../d ../e
	echo $^
a/./b a//c a/../d ../e:
	echo $@
