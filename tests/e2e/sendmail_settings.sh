#!/bin/bash
# shellcheck disable=SC1091,SC2034,SC2154,SC2317
# postreeve check mta sendmail and setup sendmail on the settings that Debian's Sendmail comes with, which
# its own m4 files make sendmail.cf from, and on those of the private Sendmail.
[ -n "${BASH_VERSION-}" ] || exec bash "$0" "$@"
set -u
contrib=$(cd "${srcdir:-.}/contrib" && pwd)
unit=$(cd "${srcdir:-.}/tests/unit" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
postreeve=$builddir/db/cli/postreeve
. "$unit/tap.sh"
. "$contrib/private/sendmail.sh"

skip_all ()
{
	echo "1..0 # SKIP $*"
	exit 0
}

[ "$(id -u)" -eq 0 ] || skip_all 'this unpacks and runs a Sendmail, which needs root'
missing=$("$contrib/install-packages" --missing run sendmail test) || skip_all "install these packages: $missing"

# No directory on the way to a socket may be writable for others.
dir=$(mktemp -d /var/lib/postreeve-e2e.XXXXXX)
chmod 0711 "$dir"
trap 'rm -rf "$dir"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

mta_service submission submission
mta_service plain 2525
mta_make "$dir" >"$dir/setup.log" 2>&1 || {
	sed 's/^/# /' "$dir/setup.log"
	skip_all "Debian's packages of Sendmail cannot be had"
}
cf=$mta_root/usr/share/sendmail/cf etc=$dir/mail-etc conf=$dir/postreeve.conf
sockets=("$gate_socket" "$mta_auth_socket")
cat >"$conf" <<-END
	socket = "local:$gate_socket"
	auth_saslauthd_socket = "$mta_auth_socket"
END
umask 022

gives ()
{
	local code=$1 got=0
	shift
	"$postreeve" -c "$conf" "$@" >"$dir/out" 2>"$dir/err" || got=$?
	[ "$got" -eq "$code" ] || {
		echo "exit status $got"
		cat "$dir/out" "$dir/err"
		return 1
	}
}

# left NAME...: what is left to be done by hand is told under these names, and nothing else is.
left ()
{
	sed -n '1,/^# Left to be done by hand:/d; s/^# \([^ ]*\): .*/\1/p' "$dir/out" | grep -v '^Then$' |
		sort | diff - <(printf '%s\n' "$@" | sort)
}

nothing ()
{
	gives 0 check mta sendmail "${1:-$etc}" && [ "$(grep -c '^ok: ' "$dir/out")" -gt 15 ]
}

# ---- what the unit tests go by -------------------------------------------------------------------

shipped ()
{
	cat >"$dir/shipped.mc" <<-END
		OSTYPE(\`linux')dnl
		define(\`confSERVER_CERT', \`/etc/mail/cert.pem')dnl
		define(\`confSERVER_KEY', \`/etc/mail/key.pem')dnl
		DAEMON_OPTIONS(\`Name=MTA, Port=smtp, M=A')dnl
		include(\`$contrib/sendmail/postreeve.mc')dnl
		MAILER(\`local')dnl
		MAILER(\`smtp')dnl
	END
	m4 -D_CF_DIR_="$cf/" "$cf/m4/cf.m4" "$dir/shipped.mc" >"$dir/shipped.cf"
	grep -xFf "$dir/shipped.cf" "$unit/sendmail.cf" | diff - <(grep -v '^#' "$unit/sendmail.cf")
}
check "the unit tests' sendmail.cf has what m4 makes of the shipped settings" shipped

# ---- Debian's own settings -----------------------------------------------------------------------

# Its files look for each other where the package would be installed, whose user is not there.
debian ()
{
	mkdir "$etc" "$etc/m4" "$etc/sasl" && touch "$etc/m4/dialup.m4" "$etc/m4/provider.m4"
	sed -i "s|/usr/share/sendmail|$mta_root/usr/share/sendmail|" "$cf/ostype/debian.m4"
	sed -e "s|^include(\`/usr/share/sendmail/cf/m4/cf.m4')|define(\`_CF_DIR_', \`$cf/')include(\`$cf/m4/cf.m4')|" \
		-e "s|\`/etc/mail/m4|\`$etc/m4|" -e "/^MAILER_DEFINITIONS/i\\
define(\`confTRUSTED_USER', \`root')dnl" "$cf/debian/sendmail.mc" >"$etc/sendmail.mc"
	printf 'sendmail.cf: sendmail.mc\n\tm4 sendmail.mc >sendmail.cf.new && mv sendmail.cf.new sendmail.cf\n' \
		>"$etc/Makefile"
	touch -d '2 minutes ago' "$etc/sendmail.mc"
	make -C "$etc" && touch -d '1 minute ago' "$etc/sendmail.cf" && cp "$etc/sendmail.mc" "$dir/debian.mc"
}
check "sendmail.cf is made of Debian's sendmail.mc" debian
found ()
{
	gives 1 check mta sendmail "$etc" && grep '^problem: DaemonPortOptions: no daemon asks the gate' "$dir/out"
}
check 'which does not know the gate' found
unchanged ()
{
	gives 0 setup sendmail "$etc" && cmp "$etc/sendmail.mc" "$dir/debian.mc" && [ ! -e "$etc/postreeve.m4" ]
}
check 'setup alone changes nothing' unchanged
applied ()
{
	gives 1 setup sendmail "$etc" --apply || return
	left HelpFile MAIL_FILTER Sendmail.conf ServerCertFile ServerKeyFile &&
		cmp "$etc"/sendmail.mc.*Z "$dir/debian.mc" && grep '^O DaemonPortOptions=' "$etc/sendmail.cf" |
		diff - <(cat <<-END
			O DaemonPortOptions=Family=inet, Name=MTA-v4, Port=smtp, Addr=127.0.0.1, M=A
			O DaemonPortOptions=Port=submission, Name=submission, M=E, InputMailFilters=postreeve
		END
		) && grep '^O PrivacyOptions=.*restrictqrun.*noexpn' "$etc/sendmail.cf" &&
		[ "$(stat -c %a "$etc/sendmail.cf")" = 644 ]
}
check '--apply puts it there, and tells what is left' applied
by_hand ()
{
	mkdir -p "${sockets[@]%/*}" &&
		python3 -c 'import socket, sys
for path in sys.argv[1:]:
    socket.socket(socket.AF_UNIX).bind(path)' "${sockets[@]}" &&
		cp "$dir/sasl/Sendmail.conf" "$etc/sasl/Sendmail.conf.2" &&
		sed -i "/^include(.*postreeve/i\\
define(\`HELP_FILE', \`$mta_root/etc/mail/helpfile')dnl\\
define(\`confSERVER_CERT', \`$mta_etc/cert.pem')dnl\\
define(\`confSERVER_KEY', \`$mta_etc/key.pem')dnl" "$etc/sendmail.mc" && make -C "$etc"
}
check 'that is done' by_hand
check '  and then nothing is found' nothing
again ()
{
	cp "$etc/sendmail.mc" "$dir/new.mc"
	gives 0 setup sendmail "$etc" --apply && cmp "$etc/sendmail.mc" "$dir/new.mc" &&
		[ "$(find "$etc" -name '*Z' | wc -l)" -eq 1 ] && grep 'nothing to change' "$dir/out"
}
check 'setup once more does nothing' again

# It complains of what it does not understand, and of filters that are not there.
understood ()
{
	# shellcheck disable=SC2016 # for that shell
	echo '/quit' | unshare --uts sh -c 'hostname "$1" && exec "$2" -C "$3" -bt' - "$mta_host" \
		"$mta_root/usr/libexec/sendmail/sendmail" "$etc/sendmail.cf" >"$dir/bt" 2>&1
	grep -q 'ADDRESS TEST MODE' "$dir/bt" || {
		cat "$dir/bt"
		return 1
	}
	! grep -iE 'unknown|not defined|duplicate|unsafe|warning|expected' "$dir/bt"
}
check 'Sendmail understands it' understood

# ---- what is told mends --------------------------------------------------------------------------

# mended LINE...: mistakes in sendmail.mc; what is told for them, put behind them, leaves nothing.
mended ()
{
	local bad=$dir/bad
	rm -rf "$bad" && cp -Rp "$etc" "$bad" && printf '%s\n' "$@" >"$dir/lines"
	sed -i "/^include(.*postreeve/r $dir/lines" "$bad/sendmail.mc" && make -B -C "$bad" && gives 1 check mta sendmail "$bad" ||
		return
	cat "$dir/out"
	sed -n 's/^problem: .*: in sendmail\.mc: //p' "$dir/out" >"$dir/mends"
	[ -s "$dir/mends" ] && sed -i "/^MAILER_DEFINITIONS/{
r $dir/mends
N
}" "$bad/sendmail.mc" && make -B -C "$bad" && nothing "$bad"
}
while IFS='|' read -r what lines; do
	check "mended: $what" mended "$lines"
done <<'END'
idle clients|define(`confTO_COMMAND', `1h')dnl
SIZE|define(`confMAX_MESSAGE_SIZE', `10000000')dnl
recipients|define(`confMAX_RCPTS_PER_MESSAGE', `10')dnl
mechanisms|define(`confAUTH_MECHANISMS', `EXTERNAL GSSAPI DIGEST-MD5')dnl
anonymous logins, and none of the mechanisms|define(`confAUTH_OPTIONS', `A f')dnl
privacy|define(`confPRIVACY_FLAGS', `authwarnings')dnl
NUL|define(`confREJECT_NUL', `false')dnl
END

# ---- the private Sendmail ------------------------------------------------------------------------

private ()
{
	for name in submission plain; do
		mta_port["$name"]=$(mta_free_port)
	done
	mta_mc >"$mta_etc/sendmail.mc" &&
		m4 -D_CF_DIR_="$cf/" "$cf/m4/cf.m4" "$mta_etc/sendmail.mc" >"$mta_etc/sendmail.cf" || return
	mkdir "$mta_etc/sasl" && cp "$dir/sasl/Sendmail.conf" "$mta_etc/sasl/Sendmail.conf.2"
	local port
	port=$(sed -n 's/^O DaemonPortOptions=Port=\([0-9]*\),.*Name=submission.*/\1/p' "$mta_etc/sendmail.cf")
	echo "rule tls_port { allow = {$port} }" >>"$conf"
	nothing "$mta_etc"
}
check 'nothing is found in the private Sendmail of the quickstart' private
echo "1..$n"
exit "$status"
