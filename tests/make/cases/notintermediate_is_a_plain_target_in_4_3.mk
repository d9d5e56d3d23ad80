.NOTINTERMEDIATE:
$(info $(filter notintermediate,$(.FEATURES)))
test:
	echo x
