define A
text
test:
