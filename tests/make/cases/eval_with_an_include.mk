#T files: "inc.mk=X = included"
$(eval include inc.mk)
$(info $(X))
test:
