A = a; b
$(info [$(A)])
test: ; @echo $(A); echo x
