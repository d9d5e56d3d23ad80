# header_set.sh: list what including the Nth chosen header reads, and the options that mentions.
#
#   sh header_set.sh N FIXDEP
#
# In .ninjagen/headers, `chosen` has that header in its Nth line, `command` is how a source is
# compiled, `late` are products that no set may hold, as what makes them may wait for the sets.
# The set, a name a line, is the file N, and N.d its depfile. Any set of names will do, as long as
# N is newer than all of them: a header that cannot be compiled now leaves it as it was. An empty
# set waits for another choice.

n=$1 fixdep=$2
here=.ninjagen/headers
set=$here/$n new=$here/.$n
trap 'rm -f $new.*' EXIT

touch $set || exit
header=$(sed -n "${n}p" $here/chosen 2> /dev/null)
if
	[ -n "$header" ] &&
		eval "$(cat $here/command) -M -MF $new.d -include $header -x c /dev/null" 2> /dev/null &&
		"$fixdep" $new.d $set '' > $new.cmd
then
	awk -v target=$set -f .ninjagen/runtime/depfile.awk $new.cmd |
		sed -n 's/^  \(.*\) \\$/\1/p' | grep -vxF -f $here/late > $new.list
	mv $new.list $set || exit
fi

{
	echo "$set: \\"
	sed 's/.*/  & \\/' $set
	[ -s $set ] || echo "  $here/chosen"
	echo
} > $set.d
