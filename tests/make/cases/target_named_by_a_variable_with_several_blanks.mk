T =   a    b  
test: $(T)
	echo [$^]
$(T):
	echo $@
