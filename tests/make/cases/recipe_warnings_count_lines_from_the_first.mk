# Continued lines count as one, and comments between do not count.
test:
	echo a \
	  b
	echo $(warning second)
# comment

	echo $(warning third)
