#T args: --eval=A=1 "--eval=$(info early $(A))"
$(info $(A))
test:
