$(info [$(addsuffix .c,foo bar)] [$(addprefix src/,foo bar)] [$(addprefix x,)] [$(addsuffix ,a  b)] [$(addprefix a b,c d)])
$(info [$(addprefix -I,$(addsuffix /inc, a b ))] [$(addsuffix  .c,a)])
test:
