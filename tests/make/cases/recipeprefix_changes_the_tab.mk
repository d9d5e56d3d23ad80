.RECIPEPREFIX = >
test:
> echo with prefix
>@echo two
.RECIPEPREFIX =
test2:
	echo with tab
