$(info	[$(strip	 x )] [$(words	a b)])
test:
