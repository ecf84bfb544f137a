"""The message tally beside two independent readers, GMime and Python's email, over many messages.

Where the two agree on how big the largest attachment is, so must the tally; where they differ, it
must not say less than either. It may say more only of a leaf that a rule of the tally makes opaque or
raw, and only if a trick of that kind is in the message (messages.TRICKS). The messages of
tests/messages/honest are compared too.

DIFFERENTIAL_COUNT messages are made from DIFFERENTIAL_SEED. DIFFERENTIAL_ONLY is the number of one
message: of these it alone is compared.
"""

import collections
import email.policy
import os
import pathlib
import re
import subprocess
import sys

import messages
import reader

SHOWN = 10  # failures told of each kind
SAME_MIN = 0.75  # of what the readers agree on: with less, little was compared but tricks
HONEST_TRICKS = {"header-folded-content-type.eml": {"folded encoding": 1}}
LOOKED_INTO = re.compile(rb"(?i)\b(?:(message)/|(multipart/digest))")

Leaf = collections.namedtuple("Leaf", "part counted raw encoding why opaque")


class Pipe:
    """A program that answers a line for each message."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, octets):
        self.process.stdin.write(b"%d\n" % len(octets) + octets)
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line.endswith(b"\n"):
            sys.exit("a reader died of: %r" % octets)
        return line.decode("ascii").rstrip("\n")

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


def unopened(octets):
    """The message as readers get it that would look into attached messages: they have other names.

    Rule 6: message/* is one leaf, whatever is in it.
    """
    return LOOKED_INTO.sub(lambda m: m[0][:-2] + b"x/" if m[1] else m[0][:-1] + b"x", octets)


class Tally:
    """What the tally says of a message."""

    def __init__(self, line):
        self.line = line
        fields = line.split("\t")
        self.largest = int(fields[0])
        self.leaves = []
        for leaf in map(str.split, fields[2:]):
            self.leaves.append(Leaf(leaf[0], int(leaf[1]), int(leaf[2]), *leaf[3:]))

    def reasons(self, leaf):
        """What may make the leaf count more than readers say."""
        found = {leaf.opaque, leaf.why}
        if leaf.encoding == "unknown" or (
            leaf.encoding in ("base64", "quoted-printable") and leaf.counted == leaf.raw
        ):
            found.add("raw")
        return found

    def without(self, allowed):
        """The largest attachment if those leaves did not count that are larger for these reasons."""
        excused = {leaf.part for leaf in self.leaves if self.reasons(leaf) & allowed}
        largest = 0
        for leaf in self.leaves:
            if leaf.why == "whole":
                prefix = "" if leaf.part == "message" else leaf.part + "."
                if leaf.part in excused or any(part.startswith(prefix) for part in excused):
                    continue
            elif leaf.part in excused or leaf.why == "body_text":
                continue
            largest = max(largest, leaf.counted)
        return largest


class Comparison:
    def __init__(self, tally, gmime):
        self.tally, self.gmime = Pipe(tally), Pipe(gmime)
        self.failures = collections.defaultdict(list)
        self.count = collections.Counter()

    def read(self, octets):
        """What the readers say; None: it gave up."""
        answers = {"GMime": int(self.gmime.ask(octets))}
        for name, policy in (("python", email.policy.compat32), ("python new", email.policy.default)):
            try:
                answers[name] = reader.largest(octets, policy)
            except Exception:  # it has bugs of its own, over headers mostly
                answers[name] = None
        return answers

    def compare(self, name, octets, tricks):
        tally = Tally(self.tally.ask(octets))
        answers = self.read(unopened(octets))
        known = {reader: answer for reader, answer in answers.items() if answer is not None}
        most = max(known.values())
        agree = len(set(known.values())) == 1
        larger, smaller = set(), collections.Counter()
        for trick, times in tricks.items():
            _, reasons, more = messages.TRICKS[trick]
            larger.update(reasons)
            smaller.update({reader: times * octets for reader, octets in more.items()})

        self.count["messages"] += 1
        self.count["agree"] += agree
        self.count["same"] += agree and tally.largest == most
        self.count["unread"] += len(known) < len(answers)
        failure = (name, sorted(tricks), answers, tally.line, octets)
        if any(tally.largest < answer - smaller[reader] for reader, answer in known.items()):
            self.failures["less"].append(failure)
        elif tally.largest > most and tally.without(larger) > most:
            self.failures["more"].append(failure)
        if len(tricks) == 0 and not agree:
            self.failures["readers"].append(failure)

    def close(self):
        return self.tally.close() == 0 and self.gmime.close() == 0

    def tell(self, number, title, kind, good=True):
        failures = self.failures[kind]
        print("%sok %d - %s" % ("not " if failures or not good else "", number, title))
        for name, tricks, answers, line, octets in failures[:SHOWN]:
            print("# %s: tricks %s" % (name, tricks))
            print("# %s" % answers)
            print("# tally: %s" % line.replace("\t", " | "))
            for text in octets.splitlines(keepends=True):
                print("#    %r" % text)
        if len(failures) > SHOWN:
            print("# and %d more" % (len(failures) - SHOWN))


def main():
    built = pathlib.Path(os.environ.get("builddir", "."), "tests/differential")
    source = pathlib.Path(os.environ.get("srcdir", "."), "tests/messages/honest")
    comparison = Comparison(built / "tally", built / "gmime")
    seed = int(os.environ.get("DIFFERENTIAL_SEED", "1"))
    count = int(os.environ.get("DIFFERENTIAL_COUNT", "20000"))
    only = os.environ.get("DIFFERENTIAL_ONLY")

    for path in sorted(source.glob("*.eml")):
        comparison.compare(path.name, path.read_bytes().replace(b"\n", b"\r\n"), HONEST_TRICKS.get(path.name, {}))
    honest = comparison.count["messages"]
    for i in [int(only)] if only else range(count):
        message = messages.Message("%d/%d" % (seed, i))
        comparison.compare("seed %d, message %d" % (seed, i), message.octets, message.tricks)
    good = comparison.close()

    found = comparison.count
    print("# %d honest messages, %d from seed %d" % (honest, found["messages"] - honest, seed))
    print("# the readers agree on %(agree)d, and the tally with them on %(same)d" % found)
    print("# Python gave up on %(unread)d" % found)
    comparison.tell(1, "the tally says no less than any reader", "less", honest > 0 and good)
    same = 0 < SAME_MIN * found["agree"] <= found["same"]
    comparison.tell(2, "the tally says more only where a rule has it", "more", bool(only) or same)
    comparison.tell(3, "the readers agree where there is no trick", "readers")
    print("1..3")
    return 1 if any(comparison.failures.values()) or not good else 0


sys.exit(main())
