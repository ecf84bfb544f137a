#!/bin/sh
# postreeve scan: what it shows of messages, and what it does about files that it cannot read.
# shellcheck disable=SC2015,SC2016,SC2317 # failing in between is meant; Python's dollars; functions that check calls
set -u
: "${srcdir:=.}" "${builddir:=.}"
postreeve=$builddir/db/cli/postreeve
command -v python3 >/dev/null || { echo '1..0 # SKIP there is no python3'; exit 0; }
umask 022

dir=$(mktemp -d "${TMPDIR:-/tmp}/scan.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 99' HUP INT TERM
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$srcdir/tests/unit/tap.sh"
out=$dir/out
err=$dir/err
db=$dir/db/registry
mkdir -m 700 "$dir/db"

run() {
	"$postreeve" "$@" >"$out" 2>"$err"
}

# scan ARGUMENT...: with no more than that, and no configuration.
scan() {
	run -c "$dir/none" scan "$@"
}

# gives CODE COMMAND...
gives() {
	code=$1
	shift
	"$@"
	got=$?
	[ "$got" -eq "$code" ] || { echo "status $got"; cat "$out" "$err"; return 1; }
}

# Complaints that say so, one to a line, and no octet that moves a terminal.
complains() {
	wanted=$1
	shift
	[ "$(grep -c '^postreeve: ' "$err")" -eq "$wanted" ] && [ "$(wc -l <"$err")" -eq "$wanted" ] &&
		! LC_ALL=C grep '[[:cntrl:]]' "$err" || { cat "$err"; return 1; }
	for pattern; do
		grep -q -- "$pattern" "$err" || { cat "$err"; return 1; }
	done
}

# One python3 judges all that was printed in JSON, since to start one takes longer than a test. It is
# asked with expressions, a NUL behind each, and an empty one at the end; it answers `all', or with what
# does not hold, and a line `end'. It ends when nobody is left who could ask.
mkfifo "$dir/asked" "$dir/answered" || exit 99
python3 - "$dir" <<'END' &
import json, os, sys
dir = sys.argv[1]
def size(name):
    return os.path.getsize(dir + '/' + name)
def judge(expressions):
    with open(dir + '/out', encoding='ascii') as f:
        m = [json.loads(line) for line in f]
    o = m[0]
    names = {'m': m, 'o': o, 'size': size, 'leaf': {l['part']: l for l in o['leaves']},
             'faults': {f['fault']: f for f in o.get('form', [])}}
    failed = ['not so: ' + e for e in expressions if not eval(e, names)]
    return failed + [json.dumps(m, indent=1)[:20000]] if failed else ['all']
with open(dir + '/asked', 'rb', 0) as asked, open(dir + '/answered', 'w') as answered:
    text = b''
    while some := asked.read(65536):
        text += some
        if text.endswith(b'\0\0'):
            try:
                answer = judge(text[:-2].decode().split('\0'))
            except Exception as e:
                answer = [repr(e)]
            print(*answer, 'end', sep='\n', file=answered, flush=True)
            text = b''
END
exec 4>"$dir/asked" 5<"$dir/answered"

# holds EXPRESSION...: of what was printed in JSON: m, the list of its lines; o, the first; leaf, its
# leaves, and faults, its findings, by name; and size(FILE).
holds() {
	printf '%s\0' "$@" '' >&4
	answer=
	while IFS= read -r line <&5 && [ "$line" != end ]; do
		[ -n "$answer" ] || answer=$line
		[ "$line" = all ] || echo "$line"
	done
	[ "$answer" = all ]
}

# sees FILE EXPRESSION...: the scan of this file is a success, complains of nothing, and this holds.
sees() {
	file=$dir/$1
	shift
	scan --json "$file" && [ ! -s "$err" ] || { cat "$out" "$err"; return 1; }
	holds "$@"
}

# message NAME: from standard input, as it would be sent; NAME.lf as it would be stored. The usual
# fields, but for those that $from replaces, stand before it.
from='From: Alice <alice@example.com>'
message() {
	{
		printf '%s\nDate: Mon, 23 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\n' "$from"
		cat
	} >"$dir/$1.lf"
	sed 's/$/\r/' "$dir/$1.lf" >"$dir/$1"
}

# file OCTETS: that many, of which no two files have the same.
file() {
	seq 1 1000000 | head -c "$1"
}

attachment() { # NAME OCTETS
	printf -- '--b1\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n'
	printf 'Content-Disposition: attachment; filename="%s"\n\n' "$1"
	file "$2" | base64
}

mixed() { # BOUNDARY: the beginning of one
	printf 'Content-Type: multipart/mixed; boundary="%s"\n' "$1"
}

# with_file NAME FILE-NAME OCTETS: a message with a text and an attachment.
with_file() {
	{
		mixed b1
		printf '\n--b1\nContent-Type: text/plain; charset=utf-8\n\nSee the file.\n\n'
		attachment "$2" "$3"
		printf -- '--b1--\n'
	} | message "$1"
}

# named NAME FIELD: one part with this disposition.
named() {
	{
		mixed b1
		printf '\n--b1\nContent-Type: application/pdf\nContent-Disposition: %s\n\nx\n--b1--\n' "$2"
	} | message "$1"
}

# ---- what it sees --------------------------------------------------------------------------------

printf '\nGood morning.\n' | message text
check 'a text is no attachment' sees text \
	'o["message_octets"] == size("text")' \
	'o["largest_attachment"] == {"octets": 0, "part": None, "name": None}' \
	'o["form"] == []' \
	'o["addresses"] == [{"field": "From", "address": "alice@example.com"}]' \
	'o["leaves"] == [{"part": "1", "type": None, "name": None, "encoding": None, "raw": 15,
	"counted": 15, "attachment": False, "why": "body_text", "opaque": None}]' \
	'"account" not in o and "verdict" not in o'

with_file file report.pdf 100001
raw=$(($(file 100001 | base64 | sed 's/$/\r/' | wc -c) - 2))
check 'an attachment counts decoded, to the octet' sees file \
	'[l["part"] for l in o["leaves"]] == ["1", "2"]' \
	'not leaf["1"]["attachment"] and leaf["1"]["type"] == "text/plain"' \
	'leaf["2"] == {"part": "2", "type": "application/octet-stream", "name": "report.pdf",
	"encoding": "base64", "raw": '$raw', "counted": 100001, "attachment": True,
	"why": leaf["2"]["why"], "opaque": None}' \
	'leaf["2"]["why"] in ("type", "disposition", "file_name")' \
	'o["largest_attachment"] == {"octets": 100001, "part": "2", "name": "report.pdf"}' \
	'o["message_octets"] == size("file")' 'o["form"] == []'

{
	mixed b0
	printf '\n--b0\nContent-Type: multipart/alternative; boundary=b1\n\n'
	printf -- '--b1\n\nplain\n--b1\nContent-Type: text/html\n\n<p>=\n--b1--\n'
	printf -- '--b0\nContent-Type: message/rfc822\n\nSubject: old\n\n%s\n' "$(file 3000)"
	printf -- '--b0\nContent-Type: Image/PNG\nContent-Transfer-Encoding: quoted-printable\n\na=3D=\nb\n'
	printf -- '--b0--\n'
} | message nested
check 'nested parts have the numbers of IMAP' sees nested \
	'[l["part"] for l in o["leaves"]] == ["1.1", "1.2", "2", "3"]' \
	'not leaf["1.1"]["attachment"] and not leaf["1.2"]["attachment"]' \
	'leaf["2"]["type"] == "message/rfc822" and leaf["2"]["counted"] == leaf["2"]["raw"] > 3000' \
	'leaf["3"]["type"] == "image/png" and leaf["3"]["encoding"] == "quoted-printable"' \
	'leaf["3"]["raw"] == 8 and leaf["3"]["counted"] == 3' \
	'o["largest_attachment"]["part"] == "2" and o["form"] == []'

named rfc2231 "attachment; filename*0*=utf-8''na%C3%AFve; filename*1*=%20plan; filename*2=.pdf"
check 'a file name of RFC 2231 is decoded' sees rfc2231 \
	'o["largest_attachment"]["name"] == leaf["1"]["name"] == "na\u00efve plan.pdf"'
named rfc2047 'attachment; filename="=?utf-8?Q?na=C3=AFve?="'
check 'a file name of RFC 2047 is decoded' sees rfc2047 'leaf["1"]["name"] == "na\u00efve"'

{
	printf 'Sender: "Bob" <BOB@Example.com>\nContent-Type: multipart/mixed\n\n'
	printf -- '--b1\n\ntext\n--b1--\n'
} | message opaque
check 'a multipart that cannot be opened is opaque, and a finding' sees opaque \
	'len(o["leaves"]) == 1 and o["leaves"][0]["opaque"] == "boundary"' \
	'o["leaves"][0]["attachment"] and o["leaves"][0]["why"] == "opaque"' \
	'o["largest_attachment"]["octets"] == o["leaves"][0]["counted"] >= o["leaves"][0]["raw"] > 0' \
	'faults["multipart_unopened"]["rule"] == "mime_form"' \
	'len(faults["multipart_unopened"]["text"]) > 10'
check 'addresses are shown as they are compared, each with its field' sees opaque \
	'o["addresses"] == [{"field": "From", "address": "alice@example.com"},
	{"field": "Sender", "address": "bob@example.com"}]'

{
	mixed b1
	printf '\npreamble\n--b1\n\ntext\n--b1  x\n--b1--\nepilogue\n'
} | message near
check 'a line that is nearly a delimiter is a finding, and names the part' sees near \
	'leaf["1"]["opaque"] == "near_delimiter" and leaf["1"]["attachment"]' \
	'faults["near_delimiter"]["part"] == "1" and faults["near_delimiter"]["field"] is None' \
	'leaf["preamble"]["opaque"] == "preamble" and "epilogue" not in leaf'

from='Subject: nobody'
printf '\ntext\n' | message nobody
from='From: a@example.com, b@example.com (c'
printf '\ntext\n' | message unclosed
from='From: Alice <alice@example.com>'
check 'no From is a finding' sees nobody 'faults["from_missing"]["rule"] == "header_form"' \
	'o["addresses"] == []'
check 'a field that cannot be read is a finding, and named' sees unclosed \
	'faults["address_list"]["field"] == "From" and faults["address_list"]["part"] is None'

: >"$dir/empty"
check 'an empty file is a message without anything' sees empty \
	'faults["from_missing"]' 'o["largest_attachment"]["octets"] == 0'
head -c 300000 "$postreeve" >"$dir/binary"
check 'what is no message is shown too' sees binary 'o["form"] != []'

{
	mixed b1
	echo
	seq 1 9999 | sed 's/.*/--b1\n\n&/'
	printf -- '--b1--\n'
} | message parts
check 'thousands of parts are all there' sees parts \
	'[l["part"] for l in o["leaves"]] == [str(n) for n in range(1, 10000)]'

# ---- in words ------------------------------------------------------------------------------------

# shows PATTERN...: lines of what was printed.
shows() {
	for pattern; do
		grep -qE -- "$pattern" "$out" || { echo "no line: $pattern"; cat "$out"; return 1; }
	done
}
scan "$dir/file"
check 'the table has a line for each part, and says why' shows \
	"^file  *$dir/file\$" '^From  *alice@example\.com$' \
	'^PART  *TYPE  *ENCODING  *RAW  *COUNTED  *NAME$' \
	'^1  *text/plain  *-  *15  *15  *-$' '^  *body text: [a-z ]+$' \
	"^2  *application/octet-stream  *base64  *$raw  *100001  *report\\.pdf\$" \
	'^  *attachment: [a-z /]+$' \
	"^octets  *$(wc -c <"$dir/file")\$" '^largest  *100001, part 2, report\.pdf$'
scan "$dir/near"
check 'findings are told in words' shows \
	'^mime_form  *near_delimiter: a line looks like a boundary but is none \(part 1\)$' \
	'^  *attachment: .*: a line in it looks like a boundary but is none$'
scan "$dir/text"
check 'no attachment is a dash' shows '^largest  *-$'

# ---- files ---------------------------------------------------------------------------------------

# The same but for the file's name.
nameless() {
	sed 's/"file": "[^"]*"//' "$out"
}
same_with_lf() {
	for file in text file nested rfc2231 opaque near unclosed parts; do
		scan --json "$dir/$file" && nameless >"$dir/expected" &&
			scan --json "$dir/$file.lf" && nameless >"$dir/found" &&
			cmp "$dir/expected" "$dir/found" || { echo "$file"; return 1; }
	done
}
check 'line ends of LF alone are taken as CRLF' same_with_lf

# A CRLF, and an LF, with $1 octets before it: what is read at once ends in its middle, or before it.
straddles() {
	for octets in 65534 65535 65536 131071; do
		for end in '\r\n' '\n'; do
			{
				printf 'From: a@example.com\r\nDate: x\r\n\r\n'
				yes | tr -d '\n' | head -c $((octets - 32))
				# shellcheck disable=SC2059 # the format is the line end
				printf "$end"
			} >"$dir/straddle"
			sees straddle "o['message_octets'] == $octets + 2" || return
		done
	done
}
check 'a line end that straddles what is read at once is still one' straddles

byte_by_byte() {
	scan --json - <"$dir/nested" && nameless >"$dir/expected" && holds 'o["file"] == "-"' || return
	dd if="$dir/nested" bs=1 2>"$dir/dd" | scan --json - && nameless >"$dir/found" && cmp "$dir/expected" "$dir/found"
}
check 'standard input, in whatever pieces, gives the same' byte_by_byte

missing_and_others() {
	gives 66 scan --json "$dir/text" "$dir/missing" "$dir/db" "$dir/file" &&
		complains 2 '/missing: No such file' '/db: Is a directory' &&
		holds '[x["file"].split("/")[-1] for x in m] == ["text", "file"]'
}
check 'what cannot be read is told, and the other files are shown: 66' missing_and_others
several() {
	gives 0 scan "$dir/text" - "$dir/file" <"$dir/near" && [ "$(grep -c '^file ' "$out")" -eq 3 ] &&
		[ "$(grep -c '^$' "$out")" -eq 2 ]
}
check 'an empty line stands between files' several

# A process's memory ends where nothing is mapped: a read error behind octets that could be read.
read_error() {
	python3 - "$postreeve" "$dir/parts" "$dir/text" "$@" >"$out" 2>"$err" <<-'END'
		import ctypes, mmap, os, subprocess, sys
		page = mmap.PAGESIZE
		area = mmap.mmap(-1, 2 * page)
		area[:page] = open(sys.argv[2], 'rb').read(page)
		start = ctypes.addressof(ctypes.c_char.from_buffer(area))
		libc = ctypes.CDLL(None, use_errno=True)
		if libc.munmap(ctypes.c_void_p(start + page), ctypes.c_size_t(page)) != 0:
		    os._exit(99)
		memory = os.open('/proc/self/mem', os.O_RDONLY)
		os.lseek(memory, start, os.SEEK_SET)
		code = subprocess.call([sys.argv[1], 'scan', '-', sys.argv[3], '/nonexistent/file', *sys.argv[4:]],
		                       stdin=memory)
		os._exit(code)
	END
}
cut_short() {
	gives 74 read_error --json && complains 2 'Input/output error' 'No such file' &&
		holds 'len(m) == 2' '"message_octets" not in m[0] and "largest_attachment" not in m[0]' \
			'len(m[0]["leaves"]) > 50' 'm[0]["addresses"] != []' '"message_octets" in m[1]' &&
		gives 74 read_error && complains 2 'Input/output error' && [ "$(grep -c '^octets ' "$out")" -eq 1 ]
}
check 'a read error in the middle: 74, the first trouble, and no sums' cut_short

if [ "$(id -u)" -eq 0 ]; then
	check 'a file that may not be read: 66 # SKIP not as root' true
else
	: >"$dir/secret"
	chmod 0 "$dir/secret"
	check 'a file that may not be read: 66' gives 66 scan "$dir/secret"
fi
full() {
	"$postreeve" scan "$dir/parts" >/dev/full 2>"$err"
}
if [ -w /dev/full ]; then
	check 'standard output on a full disk: 74' gives 74 full
else
	check 'standard output on a full disk: 74 # SKIP there is no /dev/full' true
fi
check 'without a file: 64' gives 64 scan

# ---- nothing raw reaches the output --------------------------------------------------------------

# No control character, and none that turns text, but the line end.
harmless() {
	! LC_ALL=C grep -nE "[[:cntrl:]]|$(printf '\342\200\256|\302\233')" "$out"
}
esc=$(printf '\033')
named control "attachment; filename*=utf-8''a%1B%5B31m%0Ab%0Dc%7F%C2%9B%E2%80%AE%00%FF.exe"
named raw "attachment; filename=\"a${esc}[2J$(printf '\302\233\342\200\256\377').exe\""
{
	printf 'Content-Type: application/"x%s[2J"; name="%s[31m"\n\nx\n' "$esc" "$esc"
} | message type
from="From: \"${esc}[2J\" <a$esc@example.com>"
printf '\nx\n' | message sender
from='From: Alice <alice@example.com>'
hostile_name="$dir/a${esc}[2J$(printf '\342\200\256')
b"
cp "$dir/control" "$hostile_name"
hostile() {
	for file in control raw type sender; do
		scan "$dir/$file" && harmless && scan --json "$dir/$file" && harmless && holds o || return
	done
	scan "$hostile_name" && harmless && scan --json "$hostile_name" && harmless &&
		holds '"\u001b" in o["file"]' && gives 66 scan "$hostile_name.none" && complains 1
}
check 'control characters and hostile names are shown escaped' hostile
check 'a name of control characters is still shown' sees control \
	'leaf["1"]["name"].startswith("a") and leaf["1"]["name"].endswith(".exe")'

# ---- the verdict ---------------------------------------------------------------------------------

# The registry, as whoever may.
manage() {
	run -d "$db" "$@" || { cat "$err"; exit 99; }
}
manage init
for account in alice bob bulky; do
	manage account add $account
done
manage account add bulky --profile bulk
manage account add lost --profile lost
manage sender add alice alice@example.com @alice.example
manage sender add bulky alice@example.com
before=$(cksum <"$db")
user=$(id -un)
[ "$user" != root ] || user=nobody
as_alice() {
	run -d "$db" scan --account alice "$@"
}

# refused FILE RULE TEXT: for alice, with this rule and a reply that has this in it.
refused() {
	as_alice --json "$dir/$1" && holds 'o["account"] == "alice"' \
		'o["verdict"]["action"] == "reject" and o["verdict"]["shadow"] == []' \
		"o['verdict']['rule'] == '$2' and '$3' in o['verdict']['reply']" \
		"o['verdict']['reply'].endswith('[$2]')" &&
		as_alice "$dir/$1" && shows '^account  *alice$' "^verdict  *5[0-9]{2} 5\\.[0-9.]+ .*\\[$2\\]\$"
}
passes() {
	as_alice --json "$dir/$1" && holds \
		'o["verdict"] == {"action": "pass", "rule": None, "reply": None, "shadow": []}' &&
		as_alice "$dir/$1" && shows '^verdict  *pass$'
}
check 'what is granted passes' passes text
from='From: Eve <eve@example.com>'
printf '\nx\n' | message forged
from='From: alice@example.com, news@ALICE.example
Sender: Eve <eve@example.com>'
printf '\nx\n' | message sender
from='From: alice@example.com, News <news@ALICE.example>
Sender: alice@example.com'
printf '\nx\n' | message granted
from='From: Alice <alice@example.com>'
check 'a forged From is refused, and named' refused forged header_from eve@example.com
check 'a forged Sender is refused, and named' refused sender header_from eve@example.com
check 'several addresses pass that are all granted' passes granted
check 'a form error is refused' refused nobody header_form 'no From'
check 'what cannot be taken apart is refused' refused near mime_form 'part 1'
with_file fits fits.bin 4194304
with_file big big.bin 4194305
check 'an attachment of the limit passes' passes fits
check 'an attachment over it is refused, with name, size and limit' \
	refused big max_attachment_size 'part 2, big.bin): 4194305 octets, the limit is 4194304'
of_each() {
	gives 0 as_alice --json "$dir/text" "$dir/forged" "$dir/text" && holds \
		'[x["verdict"]["action"] for x in m] == ["pass", "reject", "pass"]'
}
check 'each file has its own verdict' of_each

cat >"$dir/postreeve.conf" <<END
database = "$db"
user = "$user"
profile default { }
profile bulk { max_attachment_size = 100K }
rule header_from { mode = shadow }
END
[ "$user" != nobody ] || { chmod 711 "$dir"; chown -R nobody "$dir/db"; }
configured() { # ACCOUNT ARGUMENT...
	account=$1
	shift
	run -c "$dir/postreeve.conf" scan --account "$account" "$@"
}
shadow() {
	configured bob --json "$dir/forged" && holds 'o["verdict"]["action"] == "pass"' \
		'[s["rule"] for s in o["verdict"]["shadow"]] == ["header_from"]' \
		'"eve@example.com" in o["verdict"]["shadow"][0]["reply"]' \
		'o["verdict"]["shadow"][0]["action"] == "reject"' &&
		configured bob "$dir/forged" && shows '^shadow  *550 .*eve@example\.com' '^verdict  *pass$'
}
check 'a rule in shadow mode is told and refuses nothing' shadow
profile() {
	with_file small a 102400 && with_file over a 102401 && configured bulky --json "$dir/small" "$dir/over" &&
		holds '[x["verdict"]["action"] for x in m] == ["pass", "reject"]' '"102400" in m[1]["verdict"]["reply"]'
}
check "the limits are those of the account's profile" profile
check 'a profile that the configuration has not: 78' gives 78 configured lost "$dir/text"
with_d() {
	gives 78 run -d "$db" scan --account bulky "$dir/text" && complains 1 bulk
}
check 'with -d another profile than default: 78' with_d
unknown() {
	"$postreeve" -d "$db" account show nobody 2>"$dir/expected"
	code=$?
	[ "$code" -ne 0 ] && gives "$code" run -d "$db" scan "$dir/text" --account nobody &&
		cmp "$dir/expected" "$err" && [ ! -s "$out" ]
}
check 'an unknown account is complained of as elsewhere' unknown
bad_name() {
	gives 64 run -d "$db" scan --account "a$esc" "$dir/text" && complains 1
}
check "what cannot be an account's name: 64" bad_name
no_registry() {
	gives 69 run -d "$dir/db/none" scan --account alice "$dir/text" && complains 1 init
}
check 'an account without a registry: 69' no_registry
check 'an account without a configuration: 78' gives 78 scan --account alice "$dir/text"
not_elsewhere() {
	gives 64 run -d "$db" account list --account alice && complains 1 '--account'
}
check 'other commands do not take --account: 64' not_elsewhere
unchanged() {
	[ "$(cksum <"$db")" = "$before" ] && [ -z "$(find "$dir/db" ! -user "$(stat -c %U "$dir/db")")" ]
}
check 'the registry is only read' unchanged
# Root becomes the owner of the registry, who may not read root's mail.
private() {
	cp "$dir/text" "$dir/private" && chmod 600 "$dir/private" && gives 0 as_alice "$dir/private" && unchanged
}
check 'a message that only who calls may read is read' private

# The registry goes away between two files: what the first one prints tells that it was there.
goes_away() {
	mkfifo "$dir/pipe" || return
	exec 3<>"$dir/pipe"
	: >"$out"
	( # nothing in it may hold the pipe open for writing
		exec 3>&-
		exec timeout 60 "$postreeve" -d "$db" scan --account alice --json "$dir/parts" "$dir/pipe" \
			>"$out" 2>"$err"
	) &
	pid=$!
	for _ in $(seq 1 600); do
		[ ! -s "$out" ] || break
		sleep 0.05
	done
	mv "$dir/db" "$dir/away"
	cat "$dir/text" >&3
	exec 3>&-
	gives 69 wait "$pid" && complains 1 && holds 'len(m) == 2' \
		'm[1]["verdict"]["action"] == "tempfail" and m[1]["verdict"]["rule"] == "unavailable"' \
		'm[1]["verdict"]["reply"].startswith("451 4.3.0 ")'
}
check 'a registry that goes away is no verdict but 451, and 69' goes_away

# ---- the manual ----------------------------------------------------------------------------------

page_has_the_reasons() {
	sed -n 's/^REASON(\([a-z0-9_]*\), "\(.*\)")$/\1: \2/p' "$srcdir/policy/reasons.def" >"$dir/expected"
	sed '1,/^\.Sh OUTPUT/d; /^\.Sh FILES/,$d' "$srcdir/db/cli/postreeve.8" |
		awk '/^\.It Li [a-z_]+$/ { name = $3; getline; print name ": " $0 }' >"$dir/found"
	[ -s "$dir/expected" ] && diff "$dir/expected" "$dir/found"
}
check 'postreeve(8) has every reason, and no others' page_has_the_reasons

echo "1..$n"
exit $status
