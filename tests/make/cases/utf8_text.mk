A = grüße ✓ ok
$(info $(A) $(words ä ö ü) $(subst ü,ue,$(A)))
test: ß
	echo $(A) $^
ß:
