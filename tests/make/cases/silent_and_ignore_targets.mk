# In a dry run neither hides anything.
.SILENT: test
.IGNORE: test
test:
	echo shown
