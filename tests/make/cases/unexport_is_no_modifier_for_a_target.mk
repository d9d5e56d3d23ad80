#T env: A=env
#T returncode: 2
test: unexport A = target
test:
	+@echo "[$$A]"
