A != echo one; echo two
$(info [$(A)] $(flavor A))
test:
