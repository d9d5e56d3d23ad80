# The backslash and the newline reach the shell; one tab after it does not.
test:
	echo a \
	b \
		c\
  d \
e
	@echo 'x\
	y'
