#T env: A=env B=env
A = file
B ?= file
$(info $(A) $(B))
test:
	echo $$A
