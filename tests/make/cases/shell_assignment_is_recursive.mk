B != echo '$$(C)'
C = seen
$(info [$(B)] [$(value B)])
test:
