# directories.awk: turn a list of files into a depfile for ninja, of their directories.
#
#   awk -v target=OUTPUT -f directories.awk LIST > DEPFILE
#
# A directory's time changes when a name in it comes or goes, so whoever lists directories depends
# on them. Each one's parent is named too: it may have no listed file of its own, and a new
# directory appears in it.

function name_once(directory) {
	if (directory != "" && !(directory in seen)) {
		seen[directory]
		print "  " directory " \\"
	}
}

BEGIN { print target ": \\" }

{
	if (!sub(/\/[^\/]*$/, "")) next
	name_once($0)
	if (sub(/\/[^\/]*$/, "")) name_once($0)
}

END { print "" }
