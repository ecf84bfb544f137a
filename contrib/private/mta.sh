# shellcheck shell=bash disable=SC2034,SC2154
# What the private MTAs share: postfix.sh and sendmail.sh source it.

mta_host=mail.example.com
declare -A mta_port
declare -a mta_services=()

mta_service ()
{
	mta_services+=("$*")
}

# A port that nobody listens on, below those the kernel gives to clients.
mta_free_port ()
{
	local port
	while :; do
		port=$((20000 + RANDOM % 12000))
		(: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# unpack DIR PACKAGE...: what is in these Debian packages, below DIR and not installed. 77 if they cannot
# be had.
unpack ()
{
	local root=$1 package
	shift
	mkdir -p "$root.packages" "$root" && cd "$root.packages" || return
	apt-get -o APT::Sandbox::User=root download "$@" || return 77
	for package in *.deb; do
		dpkg -x "$package" "$root" || return
	done
}

# mta_certificate DIR: key.pem and cert.pem in $mta_etc; the log goes to DIR.
mta_certificate ()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
		-subj "/CN=$mta_host" -keyout "$mta_etc/key.pem" -out "$mta_etc/cert.pem" \
		2>"$1/openssl.log"
}
