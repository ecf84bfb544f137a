#!/usr/bin/env python3
"""A client of postreeve-authd, for tests. What it is asked for is its first argument:

play SOCKET             cases from standard input, all at once, each on a connection of its own:
                        "case NAME", and then lines of "> TEXT" (sent; TAB as \\t, other escapes as in
                        Python), ">> TEXT" (without its newline), "< PATTERN" (an answer), "closed"
                        (by the daemon), "greet" (the handshake), "silent" (nothing comes for a while).
                        Prints what is not so.
login SOCKET NAME PASSWORD [CLIENT [COUNT]]
                        logins with PLAIN, one after the other: OK, FAIL or CLOSED, and milliseconds
saslauthd SOCKET HEX... one request of these octets, each piece a while after the one before: the answer in
                        hexadecimal, or CLOSED
unread SOCKET           questions whose answers are never read, until the connection is closed
wait SOCKET             a connection that says nothing: for how many seconds it is kept
idle SOCKET COUNT       so many connections that do nothing, until standard input ends
abort SOCKET COUNT      so many AUTHs that are given up, in several ways
flood SOCKET COUNT NAME PASSWORD
                        so many logins at once: how many were answered OK, FAIL and CLOSED
timing SOCKET COUNT NAME:PASSWORD...
                        so many of each at once, and the median of each, in milliseconds
"""

import base64
import fnmatch
import re
import socket
import statistics
import sys
import threading
import time

HANDSHAKE = ["VERSION\t1\t2", "MECH\tLOGIN\tplaintext", "MECH\tPLAIN\tplaintext", "SPID\t*",
             "CUID\t*", "COOKIE\t" + "[0-9a-f]" * 32, "DONE"]


# Connections for each of three credentials, of which times are taken: all fit into the daemon's queue, of 64.
LANES = 20


class Connection:
    def __init__(self, path, greet=True):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(15)
        self.socket.connect(path)
        self.buffer = b""
        self.id = 0
        if greet:
            self.send(b"VERSION\t1\t0\nCPID\t%d\n" % (threading.get_ident() % 100000))
            for pattern in HANDSHAKE:
                line = self.line()
                if line is None or not fnmatch.fnmatchcase(line, pattern):
                    raise SystemExit(f"handshake: {line!r}, not {pattern!r}")

    def send(self, octets):
        try:
            self.socket.sendall(octets)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def line(self):
        """The next line, or None at the end."""
        while b"\n" not in self.buffer:
            try:
                octets = self.socket.recv(65536)
            except ConnectionResetError:
                octets = b""
            if not octets:
                return None
            self.buffer += octets
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.decode("utf-8", "backslashreplace")

    def ask(self, name, password, client):
        self.id += 1
        secret = base64.b64encode(f"\0{name}\0{password}".encode())
        self.send(b"AUTH\t%d\tPLAIN\tservice=smtp\tnologin\tlip=192.0.2.1\trip=%s\tsecured\tresp=%s\n"
                  % (self.id, client.encode(), secret))

    def login(self, name, password, client="192.0.2.7"):
        """The first word of the answer, and how long it took."""
        began = time.monotonic()
        self.ask(name, password, client)
        line = self.line()
        took = (time.monotonic() - began) * 1000
        return (line.split("\t")[0] if line else "CLOSED"), took


def at_once(count, function):
    threads = [threading.Thread(target=function, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# ---- cases -------------------------------------------------------------------------------------


def expand(text):
    """What stands in braces in a case."""
    text = re.sub(r"\{x:(\d+)\}", lambda m: "a" * int(m[1]), text)
    text = re.sub(r"\{many:(\d+)\}", lambda m: "".join(
        f"AUTH\\t{i + 1}\\tPLAIN\\tsecured\\tresp=!\\n" for i in range(int(m[1]))), text)
    text = text.replace("{alice}", r"{64:\0alice\0secret}").replace("{bob}", r"{64:bob\0bob\0hunter2}")
    return re.sub(r"\{64:([^}]*)\}", lambda m: base64.b64encode(unescape(m[1])).decode(), text)


def unescape(text):
    return text.encode("utf-8").decode("unicode_escape").encode("latin-1")


def play_case(path, name, steps):
    connection = Connection(path, greet=False)
    for word, text in steps:
        if word == ">":
            connection.send(unescape(text) + b"\n")
        elif word == ">>":
            connection.send(unescape(text))
        elif word == "greet":
            connection.send(b"VERSION\t1\t0\nCPID\t4711\n")
            word, text = "<", ""
            for pattern in HANDSHAKE:
                if not fnmatch.fnmatchcase(connection.line() or "", pattern):
                    return f"{name}: no handshake"
        elif word == "<":
            line, wanted = connection.line(), text.replace("\\t", "\t")
            if line is None or not fnmatch.fnmatchcase(line, wanted):
                return f"{name}: answered {line!r}, not {wanted!r}"
        elif word == "closed":
            while (line := connection.line()) is not None:
                if not any(fnmatch.fnmatchcase(line, pattern) for pattern in HANDSHAKE):
                    return f"{name}: answered {line!r}, not closed"
        elif word == "silent":
            connection.socket.settimeout(0.5)
            try:
                return f"{name}: answered {connection.line()!r}, not silent"
            except socket.timeout:
                connection.socket.settimeout(15)
        else:
            return f"{name}: what is {word!r}?"
    return None


def play(path):
    cases, found = [], []
    for line in sys.stdin.read().splitlines():
        word, _, text = line.strip().partition(" ")
        if word == "case":
            cases.append((text, []))
        elif word and not word.startswith("#"):
            cases[-1][1].append((word, expand(text)))

    def run(i):
        try:
            found.append(play_case(path, *cases[i]))
        except Exception as error:  # pylint: disable=broad-except
            found.append(f"{cases[i][0]}: {error!r}")

    at_once(len(cases), run)
    wrong = [text for text in found if text]
    print("\n".join(wrong + [f"{len(found)} cases, {len(wrong)} wrong"]))
    return bool(wrong) or not cases


# ---- others ------------------------------------------------------------------------------------


def login(path, name, password, client="192.0.2.7", count="1"):
    connection = Connection(path)
    for _ in range(int(count)):
        word, took = connection.login(name, password, client)
        print(f"{word} {took:.2f}")
        if word == "CLOSED":
            break


def saslauthd(path, *pieces):
    connection = Connection(path, greet=False)
    for i, piece in enumerate(pieces):
        time.sleep(0.1 * (i > 0))
        connection.send(bytes.fromhex(piece))
    answer = b""
    try:
        while octets := connection.socket.recv(64):
            answer += octets
    except ConnectionResetError:
        pass
    print(answer.hex() or "CLOSED")


def unread(path):
    connection = Connection(path)
    try:
        for i in range(1, 1000000):
            connection.socket.sendall(b"AUTH\t%d\tLOGIN\tservice=smtp\tsecured\n" % i)
    except (BrokenPipeError, ConnectionResetError):
        print("CLOSED")
        return False
    return True


def wait(path):
    connection, began = Connection(path, greet=False), time.monotonic()
    connection.socket.settimeout(60)
    while connection.line() is not None:
        pass
    print(round(time.monotonic() - began))


def idle(path, count):
    connections = [Connection(path) for _ in range(int(count))]
    print("idle", flush=True)
    sys.stdin.read()
    return len(connections) == 0


def abort(path, count):
    """Sixteen on a connection, sent at once: their answers are read before the last one's place is left."""
    ways = [
        ("AUTH\t%d\tLOGIN\tservice=smtp\tsecured\n", 1),  # another one takes its place
        ("AUTH\t%d\tPLAIN\tservice=smtp\tsecured\nCANCEL\t%d\n", 1),
        ("AUTH\t%d\tLOGIN\tservice=smtp\tsecured\nCONT\t%d\tYWxpY2U=\n", 2),
        ("AUTH\t%d\tLOGIN\tservice=smtp\tsecured\n", 1),
    ]
    each = [ways[i % 4] for i in range(16)]
    batch = "".join(text.replace("%d", str(i + 1)) for i, (text, _) in enumerate(each)).encode()
    answers = sum(number for _, number in each)
    for _ in range(0, int(count), 16):
        connection = Connection(path)
        connection.send(batch)
        for _ in range(answers):
            line = connection.line()
            if line is None or not line.startswith("CONT\t"):
                raise SystemExit(f"answered {line!r}")
        connection.socket.close()  # it goes while it is asked
    word, _ = Connection(path).login("alice", "secret")
    print(word)
    return word != "OK"


def flood(path, count, name, password):
    connections = [Connection(path) for _ in range(int(count))]
    words = []
    for i, connection in enumerate(connections):
        connection.socket.settimeout(120)  # its turn comes after all that fit in
        connection.ask(name, password, f"198.51.100.{i % 250}")
    for connection in connections:
        line = connection.line()
        words.append(line.split("\t")[0] if line else "CLOSED")
    print(" ".join(f"{word}={words.count(word)}" for word in ("OK", "FAIL", "CLOSED")))


def timing(path, count, *credentials):
    count, times = int(count), {}
    # Some connections for each credential, all of them at once, spread over the time that one takes.
    lanes = [(credential, Connection(path)) for _ in range(LANES) for credential in credentials]

    def run(i):
        credential, connection = lanes[i]
        name, _, password = credential.partition(":")
        time.sleep(2 * i / len(lanes))
        for _ in range(count // LANES):
            word, took = connection.login(name, password, f"203.0.113.{i}")
            if word != "FAIL":
                raise SystemExit(f"{credential}: {word}")
            times.setdefault(credential, []).append(took)

    at_once(len(lanes), run)
    medians = {credential: statistics.median(times[credential]) for credential in credentials}
    print(" ".join(f"{name}={median:.2f}" for name, median in medians.items()))
    spread = (max(medians.values()) - min(medians.values())) / min(medians.values())
    print(f"spread {100 * spread:.3f} %")
    return spread > 0.05 or any(len(t) < count // LANES * LANES for t in times.values())


def matches(path):
    """Reads log lines; prints the clients that the first regular expression of the fail2ban filter at
    path finds in them."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    expression = re.search(r"^failregex\s*=\s*(.*)$", text, re.M).group(1)
    expression = expression.replace("%(__prefix_line)s", r"\S+ +\d+ \S+ \S+ postreeve-authd\[\d+\]: ")
    expression = expression.replace("<HOST>", r"(?:::f{4,6}:)?(?P<host>[\w\-.^_:]+)")
    for line in sys.stdin:
        found = re.search(expression, line.rstrip("\n"))
        print(found.group("host") if found else "-")


if __name__ == "__main__":
    commands = {f.__name__: f for f in (play, login, saslauthd, unread, wait, idle, abort, flood, timing, matches)}
    if len(sys.argv) < 3 or sys.argv[1] not in commands:
        raise SystemExit(__doc__)
    sys.exit(commands[sys.argv[1]](*sys.argv[2:]))
