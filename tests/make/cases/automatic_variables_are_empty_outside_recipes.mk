$(info [$@] [$<] [$^] [$*])
A := $@
test: x
	echo [$(A)]
x:
