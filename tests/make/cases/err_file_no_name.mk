$(file <)
test:
