#T env: MAKELEVEL=3
$(info $(MAKELEVEL) $(origin MAKELEVEL))
test:
	echo $(MAKELEVEL)
