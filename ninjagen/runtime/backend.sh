# backend.sh: run a ThinLTO back-end compile, and believe it only if it left a real object.
#
#   sh backend.sh NATIVE BITCODE NM COMPILER ARGUMENTS...
#
# clang exits 0 and leaves an empty object when an index or an imported module is missing
# (llvm-project issue 75441), and an object without symbols when the index does not know the
# bitcode by the name it is given. For an empty index it compiles as if there were no LTO.

native=$1 bitcode=$2 nm=$3 index=
shift 3

complain() {
	echo "backend: $native: $1" >&2
	status=1
}

for word; do
	case $word in
	-fthinlto-index=*) index=${word#*=} ;;
	esac
done
if [ -n "$index" ] && [ ! -s "$index" ]; then
	complain "its index $index is missing or empty"
	rm -f "$native"
	exit $status
fi

"$@" 2> "$native.err"
status=$?
cat "$native.err" >&2

if [ $status = 0 ]; then
	if grep -q -e 'Error running ThinLTO backend' -e 'Error loading' "$native.err"; then
		complain "the back end could not use its index"
	elif [ ! -s "$native" ]; then
		complain "the object is empty"
	elif [ -z "$($nm "$native" 2> /dev/null)" ] &&
	     [ -n "$($nm --defined-only "$bitcode" 2> /dev/null)" ]; then
		complain "the object has no symbols, but its bitcode has"
	fi
fi
rm -f "$native.err"
[ $status = 0 ] || rm -f "$native"
exit $status
