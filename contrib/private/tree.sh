# shellcheck shell=sh
# copy_tree FROM TO: the sources of the clone FROM into the new directory TO, and nothing that a build
# has left among them. Source this from any shell.
copy_tree ()
{
	mkdir "$2" &&
		tar -C "$1" -cf - --exclude=./.git --exclude='./build*' --exclude='./postreeve-*' \
			--exclude=./.build-aux --exclude=./autom4te.cache --exclude=./config.status \
			--exclude=./Makefile --exclude=.deps --exclude=.dirstamp --exclude='*.o' --exclude='*.a' \
			--exclude='*.log' --exclude='*.trs' . |
		tar -C "$2" --no-same-owner -xf -
}
