test:
	+@echo content > out.txt
	+@cat out.txt
