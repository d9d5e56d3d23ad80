# GNU make 4.4 gives exported variables to $(shell); 4.3 does not.
#T env: OLD=env
export NEW = exported
OLD = changed
$(info [$(shell echo $$NEW-$$OLD)])
test:
