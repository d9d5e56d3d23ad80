test: a \
  b\
c
	echo $^
a b c:
