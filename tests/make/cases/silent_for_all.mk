.SILENT:
test:
	echo shown
