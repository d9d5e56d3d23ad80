# It opens no rule that the line could be of.
test: V = 4
	echo $(V)
