# Names, blanks and operators in every way that a line may have them.
e =
dir := d
a.b-c/d_1=1
a.b-c/d_1+=2
$(dir)-$(e)y += one
$(dir)-y+=two
$(dir)/x:=three
${dir}.brace = four
$(dir)$(e)$(dir)	?=	five
$(dir)$(e)$(dir) ?= not
a- = dash
++ = plus
a:b
q?=6
s::=7
s2 ::= $(s)
m!=echo 8
two == equals
tail = kept   # not this
a:
b:
$(subst x,y,x)z = nine
nothing-$(undefined)-$(e) += ten
blanks :=  b
recursive =  r
test:
	@echo '$(a.b-c/d_1)' '$(d-y)' '$(d/x)' '$(d.brace)' '$(dd)' '$(a-)' '$(++)' '$(q)' '$(s)' '$(s2)'
	@echo '<$(blanks)>' '<$(recursive)>'
	@echo '$(m)' '$(two)' '$(tail)' '$(yz)' '$(nothing--)' '$(flavor d-y)' '$(flavor d/x)' '$(flavor dd)'
