test:
	@echo at
	-echo minus
	+echo plus
	@-+ echo all
	 @ echo blank first
	- @echo minus at
