# With an unmatched parenthesis inside, the name ends at the first closing one, and the line is lost.
A := $($(()) lost
$(info [$(A)])
test:
