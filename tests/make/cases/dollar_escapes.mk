A = $$
B = $$A $$$$
$(info $$ $(A) $(B) $$(A))
test:
	echo $$HOME $$$$ '$$'
