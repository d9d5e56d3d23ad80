A = long
AB = no
$(info $A $AB $(AB))
test:
