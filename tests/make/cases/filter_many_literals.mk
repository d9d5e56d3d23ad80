# GNU make hashes the words when there are many; the order of the text stays.
W = a b c d e f g h i j k l m n o p
$(info $(filter p o n a zz %b b c,$(W) $(W)))
$(info $(filter-out p o n a zz %b b c,$(W) $(W)))
test:
