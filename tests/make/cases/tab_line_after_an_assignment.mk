# The rule is closed by the assignment, so the line with a tab is makefile text.
test:
	echo recipe
A = 1
	B = 2
$(info [$(A)] [$(B)])
