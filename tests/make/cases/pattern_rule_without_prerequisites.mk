test: a.gen
%.gen:
	echo $@ $* [$<] [$^]
