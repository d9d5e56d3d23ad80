# `:=` of a weaker pattern neither replaces an `override +=` nor stops it from appending.
%: override B += b
%: B := c
%.x: override C += b
%.x: C = c

test: d.x
	@echo '[$B]' '[$C]'
d.x: e.x
	@echo '[$B]' '[$C]'
e.x:
	@echo '[$B]' '[$C]'
