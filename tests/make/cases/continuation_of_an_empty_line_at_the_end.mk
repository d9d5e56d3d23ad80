#T no-final-newline
A = 1
$(info [$(A)])
test: ; @echo x
B = 2 \