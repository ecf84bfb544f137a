#!/bin/sh
# postreeve-authd, and passwords that change, cannot be read, or are guessed.
# shellcheck disable=SC2016,SC2317 # awk's dollars; functions that check calls
set -u
: "${srcdir:=.}"
# shellcheck source-path=SCRIPTDIR source=authd_start.sh
. "$srcdir/tests/protocol/authd_start.sh"

authd_setup
authd_start

# ---- passwords that change -----------------------------------------------------------------------

known_ones_are_fast() {
	passwords set bob hunter2 15
	client login "$socket" bob hunter2 192.0.2.7 51 >"$dir/answer" || return
	# the first, and the median of those behind it
	first=$(awk 'NR == 1 { print $2 }' "$dir/answer")
	sed 1d "$dir/answer" | sort -k 2 -n | awk -v first="$first" '
		$1 != "OK" { wrong = 1 }
		NR == 25 { median = $2 }
		END { print first " ms, then " median; exit wrong || NR != 50 || median >= first / 10 }'
}
check 'one that logged in a moment ago is answered in a tenth of the time at most' known_ones_are_fast
check 'but not with another password' fails bob hunter3
check 'nor another account with the same' fails alice hunter2
passwords set bob hunter4 10
check 'a changed password is in force at once' fails bob hunter2
check 'so is the new one' succeeds bob hunter4
passwords disable bob
check 'a disabled account is refused at once' fails bob hunter4
passwords enable bob
check 'until it is enabled' succeeds bob hunter4
passwords delete bob
check 'a deleted one is refused at once' fails bob hunter4

# ---- passwords that cannot be read ---------------------------------------------------------------

# comes_back: whether logins succeed again.
comes_back() { succeeds alice secret; }
mv "$passwords" "$passwords.away"
check 'passwords that are gone make logins unavailable, though known' is_unavailable alice secret
check 'the log says so' logged 'unavailable account=alice client=192.0.2.7 mechanism=PLAIN service=smtp cause="'
mv "$passwords.away" "$passwords"
check 'until they are back' comes_back
cp "$passwords" "$passwords.good"
rm -f "$passwords"-wal "$passwords"-shm
printf 'This is no database, but a text of some length, as one may find anywhere.%4000s' '' >"$passwords"
check 'passwords that are damaged make logins unavailable' is_unavailable alice secret
rm -f "$passwords"-wal "$passwords"-shm
as_user cp "$passwords.good" "$dir/db/next" 2>/dev/null || cp "$passwords.good" "$dir/db/next"
[ "$(id -u)" -ne 0 ] || chown "$user" "$dir/db/next"
chmod 600 "$dir/db/next"
mv "$dir/db/next" "$passwords"
check 'until they are restored' comes_back
chmod 644 "$passwords"
authd_stop
check 'passwords that others may read: the daemon does not start' ends_with 78
chmod 600 "$passwords"
authd_start
mkfifo "$dir/held"
passwords lock 4 >"$dir/held" 2>&1 &
read -r held <"$dir/held"
check 'passwords that are locked make logins unavailable' \
	sh -c "[ '$held' = locked ]"
check 'in their time' is_unavailable alice secret
wait $!
check 'until they are unlocked' comes_back

# ---- limits --------------------------------------------------------------------------------------

sed -i 's/^auth_failures_account.*/auth_failures_account = 3/; s/^auth_failures_client.*/auth_failures_client = 5/
	s/^auth_cost.*/auth_cost = 11/' "$conf"
kill -HUP "$pid"
check 'SIGHUP reads the configuration again' logged 'configuration is reloaded$'
check 'a known one logs in' succeeds alice secret 192.0.2.20
for client in 192.0.2.21 192.0.2.22 192.0.2.23; do
	client login "$socket" alice wrong "$client" >/dev/null &
	last=$!
done
wait "$last"
sleep 0.5
check 'too many failures of an account: even the right one fails' fails alice Secret 192.0.2.24
check 'for that reason' logged 'refused account=alice client=192.0.2.24 .* reason=limit$'
check 'but not the one that is known' succeeds alice secret 192.0.2.24
for name in a b c d e; do
	client login "$socket" "$name" wrong 2001:db8::1 >/dev/null &
	last=$!
done
wait "$last"
sleep 0.5
passwords set erin erin 10
check 'too many failures of a client' fails erin erin 2001:db8::2
check 'and of its network' logged 'refused account=erin client=2001:db8::2 .* reason=limit$'
check 'not of another' succeeds erin erin 2001:db8:0:1::1
hash_of() { passwords show "$1"; }
check 'a hash of a lower cost is made anew' sh -c "case '$(hash_of erin)' in *ln=11,*) ;; *) exit 1 ;; esac"
check 'and is the same password' succeeds erin erin 2001:db8:0:1::1

echo 'nonsense = yes' >>"$conf"
kill -HUP "$pid"
check 'a bad configuration changes nothing' logged 'configuration is not reloaded, the old one stays'
check 'and it goes on' succeeds erin erin 2001:db8:0:1::1
sed -i '/nonsense/d' "$conf"

authd_stop
check 'it ends well' ended_well
echo "1..$n"
exit $status
