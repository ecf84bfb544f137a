"""Messages from a seed: all encodings, nestings and dispositions, and the tricks of those who evade.

A message remembers which kinds of trick are in it: TRICKS says what may come of each.
"""

import base64
import collections
import random

# What each kind of trick may lead to, by the rule of the tally that says so. First, what makes the tally
# count a leaf for more than readers do: the reasons that make it opaque, or "raw", where its content
# counts undecoded. Second, which readers may say more than the tally, by how many octets each time.
ANY = 1 << 62
TRICKS = {
    # a boundary that is open already: whose are the parts that follow?
    "boundary again": (3, {"boundary", "near_delimiter", "preamble", "epilogue"}, {}),
    # what is not opened is a part like others, see "no parts"
    "boundary": (3, {"boundary"}, {"GMime": 1, "python": 2, "python new": 2}),
    "encoded multipart": (3, {"multipart_encoding"}, {}),
    # Python's new parser wants quotes around = / : ? and sees no multipart; honest mail has none
    "bare boundary": (3, (), {"python new": ANY}),
    # the CRLF before a delimiter is no content; where no part began, readers have some of it in there
    "no parts": (4, (), {"GMime": 1, "python": 2, "python new": 2}),
    # at the end all that is left is content; Python leaves a last CRLF out
    "no end": (4, (), {}),
    "near-delimiter": (5, {"near_delimiter", "preamble", "epilogue", "header_line", "header_unended"}, {}),
    # to Python a name that is folded off from its value has another value
    "folded encoding": (8, {"raw"}, {}),
    "content": (8, {"raw"}, {}),
    "encoding": (8, {"raw", "field_twice", "header_fold"}, {}),
    "header": (
        10,
        {"header_line", "header_octet", "header_fold", "near_delimiter", "header_unended"},
        {},
    ),
    # a line that continues the field before it, whichever that is
    "continuation": (
        10,
        {"header_line", "header_fold", "raw", "multipart_encoding", "message_encoding", "boundary"}
        | {"type_syntax", "parameters", "whole"},
        {"GMime": 1, "python": 2, "python new": 2},
    ),
    "fields": (
        10,
        {"field_twice", "space_before_colon", "multipart_encoding", "message_encoding"},
        {},
    ),
    "type": (10, {"type_syntax", "stray_boundary", "header_fold"}, {}),
    "encoded message": (10, {"message_encoding"}, {}),
    "parameters": (11, {"parameters", "whole", "file_name"}, {}),
}

HEAD = b"From: joe@example.com\r\nDate: Mon, 6 Mar 2023 09:12:44 +0100\r\n"
TOKEN = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
LEAF_TYPES = (
    b"text/plain",
    b"text/plain; charset=utf-8",
    b"text/html; charset=\"utf-8\"",
    b"TEXT/PLAIN",
    b"text/csv",
    b"image/png",
    b"application/octet-stream",
    b"application/pdf; name=\"a.pdf\"",
    b"text/plain; name=b.txt",
    b"text/html;\r\n\tname*0=c;\r\n\tname*1=.html",
    b"application/x-x; a=\"b;c\"; d=e",
)
MULTIPART_TYPES = (b"mixed", b"alternative", b"related", b"Mixed", b"ALTERNATIVE", b"signed", b"digest", b"x-y")
DISPOSITIONS = (
    b"inline",
    b"INLINE",
    b"attachment",
    b"attachment; filename=\"d e.png\"",
    b"inline; filename=f.png",
    b"inline;\r\n filename*=UTF-8''%C3%A4",
    b"inline; size=5",
    b"x-other",
)
TEXTS = (
    b"hello",
    b"-- ",
    b"--",
    b"-",
    b"begin the day",
    b"",
    b" leading space",
    b"trailing space ",
    b"caf\xc3\xa9",
    b"a=3Db",
    b"From me",
    b".",
)


class Message:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.tricks = collections.Counter()  # how often each was played
        self.tricky = self.random.random() < 0.6
        self.open = []
        self.closed = []
        header, body = self.entity(0, False)
        self.octets = HEAD + header + b"\r\n" + body
        if not self.octets.endswith(b"\r\n"):
            self.octets += b"\r\n"  # SMTP has no other

    def chance(self, probability):
        return self.random.random() < probability

    def trick(self, kind, probability=0.04):
        """Whether to play one of this kind now."""
        if not self.tricky or not self.chance(probability):
            return False
        assert kind in TRICKS
        self.tricks[kind] += 1
        return True

    def pick(self, *choices):
        return self.random.choice(choices)

    # ---- headers ---------------------------------------------------------

    def field(self, name, value):
        if self.chance(0.2):
            name = self.pick(name.lower(), name.upper())
        colon = self.pick(b": ", b": ", b": ", b":", b":  ", b":\r\n ")
        if b"\n" in colon and name.lower() == b"content-transfer-encoding":
            self.tricks["folded encoding"] += 1
        return name + colon + value + b"\r\n"

    def header(self, fields):
        """The fields in any order, with others around them."""
        if self.chance(0.2):
            fields.append(self.field(b"Content-ID", b"<x@example.com>"))
        if self.chance(0.1):
            fields.append(self.field(b"X-Long", b"a\r\n b;\r\n\tc: d"))
        if self.chance(0.05):
            fields.append(b"X-Empty:\r\n")
        if self.trick("header"):
            fields.append(self.bad_line())
        if self.trick("continuation", 0.02):
            fields.append(self.pick(b" \t\r\n", b" leading\r\n"))
        if fields and self.trick("fields"):
            fields.append(self.other_field(self.random.choice(fields)))
        self.random.shuffle(fields)
        return b"".join(fields)

    def bad_line(self):
        lines = [
            b"garbage\r\n",
            b": x\r\n",
            b"X: a\rb\r\n",
            b"X: a\n",
            b"X: a\nContent-Disposition: attachment\r\n",
            b"X: a\r\r\n",
            b"X: a\0b\r\n",
            b"X: a\vb\r\n",
            b"X: a\fb\r\n",
            b"X\r\n",
            b"X y: z\r\n",
        ]
        lines += [b"--" + boundary + b": x\r\n" for boundary in self.open]
        lines += [b"--" + boundary + b"x\r\n" for boundary in self.open]
        return self.random.choice(lines)

    def other_field(self, field):
        name = field.split(b":")[0]
        if name.strip().lower() not in (b"content-type", b"content-transfer-encoding", b"content-disposition"):
            return field
        return name + self.pick(
            b" : attachment\r\n",
            b"\t: base64\r\n",
            b": base64\r\n",
            b": 7bit\r\n",
            b": attachment\r\n",
            b": text/plain\r\n",
            b": application/x\r\n",
        )

    def disposition(self, probability):
        if not self.chance(probability):
            return []
        value = self.random.choice(DISPOSITIONS)
        if self.trick("parameters"):
            value += self.pick(b"; filename", b"; =x", b"; a=\"", b"; a=b c", b" x", b"; filename=\"a\"b")
        return [self.field(b"Content-Disposition", value)]

    # ---- leaves ----------------------------------------------------------

    def text(self):
        lines = [self.random.choice(TEXTS) for _ in range(self.random.randrange(8))]
        if self.trick("near-delimiter", 0.1) and self.open:
            lines.insert(self.random.randrange(len(lines) + 1), self.near_delimiter())
        if self.closed and self.chance(0.1):
            closed = self.random.choice(self.closed)
            lines.insert(self.random.randrange(len(lines) + 1), b"--" + closed)
            if any(closed.startswith(boundary) for boundary in self.open):
                self.tricks["near-delimiter"] += 1
        if self.chance(0.05):
            lines.insert(0, self.pick(b"begin 644 a", b"=ybegin line=128", b"begin-base64 644 a"))
        return b"\r\n".join(lines) + self.pick(b"", b"\r\n")

    def near_delimiter(self):
        line = b"--" + self.random.choice(self.open)
        return self.pick(
            b"x\r" + line,
            b"x\n" + line,
            b"x\n" + line + b"--",
            line + b"\rx",
            line + b"\nx",
            line.swapcase(),
            line + b"x",
            line + b" x",
            line + b"-",
            line + b"---",
            line + b"--x",
            line + b" --",
            line + b"\0",
            line + b"\v",
            line + b"\f",
            line + b"\xa0",
            line + b"\r",
        )

    def data(self):
        return self.random.randbytes(self.random.choice((0, 1, 2, 3, 10, 57, 100, 300)))

    def base64(self):
        text = base64.b64encode(self.data())
        width = self.pick(4, 60, 72, 76, 1000)
        text = b"\r\n".join(text[i : i + width] for i in range(0, len(text), width)) + self.pick(b"", b"\r\n")
        return self.spoil(text, b"=", b"==", b"A", b"-", b"!", b"\0", b"\v", b"\xc3", b"-- \r\nlist", b"QQ==")

    def quoted(self):
        raw = self.text() if self.chance(0.5) else self.data()
        text = b""
        column = 0
        for octet in raw:
            plain = octet in b"\t " or (33 <= octet <= 126 and octet != 61)
            if self.open and text.endswith(b"\r\n") and octet == 45:
                plain = True
            word = bytes([octet]) if plain and self.chance(0.95) else b"=%02X" % octet
            if octet in b"\r\n" and self.chance(0.7):
                word = bytes([octet])
            if column > 72 and word not in (b"\r", b"\n"):
                text += b"=\r\n"
                column = 0
            text += word if self.chance(0.9) else word.lower() if word[:1] == b"=" else word
            column += len(word)
        return self.spoil(self.tidy(text), b"=", b"==", b"=4", b"=xy", b"=\n", b"= \r\n", b"=\r", b"=4\r\n1")

    @staticmethod
    def tidy(text):
        """No line end but CRLF, and no white space before it, about which programs differ."""
        lines = text.replace(b"\r\n", b"\0").replace(b"\r", b"=0D").replace(b"\n", b"=0A").split(b"\0")
        return b"\r\n".join(line.rstrip(b" \t") for line in lines)

    def spoil(self, text, *junk):
        if not self.trick("content", 0.12):
            return text
        junk = self.random.choice(junk)
        at = self.random.randrange(len(text) + 1)
        return text[:at] + junk + text[at + self.pick(0, 0, 1) :]

    def content(self):
        """An encoding field, and content in it."""
        encoding = self.pick(None, None, b"7bit", b"8bit", b"binary", b"base64", b"base64", b"quoted-printable")
        if encoding == b"base64":
            content = self.base64()
        elif encoding == b"quoted-printable":
            content = self.quoted()
        elif encoding == b"binary" and self.chance(0.3):
            content = self.data().replace(b"\r", b"").replace(b"\n", b"").replace(b"-", b"")
        else:
            content = self.text()
        if encoding is None:
            return [], content
        if self.chance(0.2):
            encoding = encoding.upper()
        if self.trick("encoding"):
            encoding = self.pick(b"x-uuencode", b"base64 (c)", b"(c) base64", b"base64;", b"bAsE64 x", b"", b"\"base64\"")
        return [self.field(b"Content-Transfer-Encoding", encoding)], content

    def leaf(self, digest):
        fields, content = self.content()
        if self.chance(0.85):
            value = self.random.choice(LEAF_TYPES)
            if self.trick("type"):
                value = self.pick(
                    b"", b"text", b"text/", b"/plain", b"text plain", b"text/plain/x", b"\"text/plain\"",
                    b"text/plain; boundary=x", b"text / html", b"multipart", b"text/plain;name*0*=x",
                )
            elif self.trick("parameters"):
                value += self.pick(b"; name", b"; =x", b"; a=\"", b"; a=b c", b"; name=\"a\"b", b" name=x")
            fields.append(self.field(b"Content-Type", value))
        elif digest and fields:
            self.tricks["encoded message"] += 1
        fields += self.disposition(0.4)
        return self.header(fields), content

    def message(self):
        content = b"Subject: inner\r\n\r\n" + self.text()
        fields = [self.field(b"Content-Type", self.pick(b"message/rfc822", b"Message/delivery-status"))]
        if self.trick("encoded message", 0.1):
            fields.append(b"Content-Transfer-Encoding: base64\r\n")
            content = base64.b64encode(content)
        return self.header(fields + self.disposition(0.3)), content

    # ---- multiparts ------------------------------------------------------

    def boundary(self):
        """A boundary, and how a Content-Type has it."""
        token = bytes(self.random.choices(TOKEN, k=self.random.choice((4, 8, 30, 70))))
        if self.open and self.chance(0.2):
            token = self.random.choice(self.open) + self.pick(b"-alt", b"x", b".1")
        elif self.chance(0.3):
            token = self.pick(b"----=_Part_", b"=_", b"--", b"_000_") + token + self.pick(b"", b"==", b"_", b"--")
        elif self.chance(0.1):
            token += self.pick(b" ", b"/", b":", b"?", b"+", b"'(", b",") + b"x"
        quoted = self.chance(0.7) or any(octet in token for octet in b" (,")
        while token in self.open:
            token += b"y"
        if not quoted and any(octet in token for octet in b"=/:?"):
            self.tricks["bare boundary"] += 1
        value = b"boundary=" + (b"\"" + token + b"\"" if quoted else token)
        if self.trick("boundary", 0.08):
            token, value = self.bad_boundary(token)
        return token, value

    def bad_boundary(self, token):
        choices = [
            (token, b"charset=x"),
            (b"", b"boundary="),
            (b"", b"boundary=\"\""),
            (token + b" ", b"boundary=\"" + token + b" \""),
            (token, b"boundary=\"" + token + b" \""),
            (token, b"boundary='" + token + b"'"),
            (b"'" + token + b"'", b"boundary='" + token + b"'"),
            (token, b"boundary=<" + token + b">"),
            (b"<" + token + b">", b"boundary=\"<" + token + b">\""),
            (token, b"boundary=\"a\\" + token + b"\""),
            (token, b"boundary=" + token + b"; boundary=other"),
            (token, b"boundary=other; boundary=" + token),
            (token, b"boundary=" + token + b"; boundary=" + token),
            (token, b"boundary*=us-ascii''" + token),
            (token, b"boundary=x; boundary*=us-ascii''" + token),
            (token, b"boundary*0=" + token[:2] + b"; boundary*1=" + token[2:]),
            (token, b"boundary=\"=?us-ascii?q?" + token + b"?=\""),
            (token, b"boundary=" + token + b" (comment)"),
            (token, b"boundary=(comment)" + token),
            (token, b"boundary=" + token + b" x"),
            (token, b"boundary = " + token),
            (token, b"boundary=\"" + token),
            (token, b"a=\"; boundary=x\"; boundary=" + token),
            (token, b"a=\"b\\\"; boundary=x\"; boundary=" + token),
            (token, b"a=\"; boundary=" + token),
            (b"x" * 257, b"boundary=" + b"x" * 257),
            (token[:2] + b" x", b"boundary=\"" + token[:2] + b"\r\n x\""),
        ]
        for outer in self.open:
            choices += [
                (outer, b"boundary=\"" + outer + b"\""),
                (outer + b"--", b"boundary=\"" + outer + b"--\""),
                (outer.swapcase(), b"boundary=\"" + outer.swapcase() + b"\""),
            ]
            if outer.endswith(b"--"):
                choices.append((outer[:-2], b"boundary=\"" + outer[:-2] + b"\""))
        token, value = self.random.choice(choices)
        if any(token.lower().startswith(outer.lower()) or token + b"--" == outer for outer in self.open):
            self.tricks.update(("boundary again", "near-delimiter"))
        return token, value

    def multipart(self, depth):
        boundary, parameter = self.boundary()
        subtype = self.random.choice(MULTIPART_TYPES)
        digest = subtype == b"digest"
        value = b"multipart/" + subtype
        value += self.pick(b"; ", b";\r\n\t", b";", b"; type=\"text/html\"; ") + parameter
        if self.chance(0.1):
            value += self.pick(b"; charset=x", b"; name=g")
        fields = [self.field(b"Content-Type", value)]
        if self.chance(0.2):
            fields.append(self.field(b"Content-Transfer-Encoding", self.pick(b"7bit", b"8bit", b"binary")))
        elif self.trick("encoded multipart"):
            fields.append(self.field(b"Content-Transfer-Encoding", self.pick(b"base64", b"quoted-printable", b"x")))
        header = self.header(fields + self.disposition(0.1))

        self.open.append(boundary)
        body = self.pick(b"", b"", b"This is a multi-part message in MIME format.\r\n", b"\r\n", self.text() + b"\r\n")
        parts = self.random.choice((0, 1, 1, 1, 2, 2, 2, 3))
        if parts == 0:
            self.tricks["no parts"] += 1
        for _ in range(parts):
            inner_header, inner = self.entity(depth + 1, digest)
            body += b"--" + boundary + self.pick(b"", b"", b"", b" ", b" \t") + b"\r\n"
            body += inner_header + b"\r\n" + inner + self.pick(b"\r\n", b"\r\n", b"\r\n\r\n")
        self.open.pop()
        if self.chance(0.1):
            self.tricks["no end"] += 1
            return header, body
        body += b"--" + boundary + b"--" + self.pick(b"\r\n", b"", b" \r\n", b"\r\n\r\n")
        self.closed.append(boundary)
        if body.endswith(b"\r\n") and self.chance(0.2):
            body += self.text()
        return header, body

    def entity(self, depth, digest):
        """A part's header, its empty line not included, and content."""
        if depth < 4 and self.chance(0.75 if depth == 0 else 0.35):
            return self.multipart(depth)
        if self.chance(0.07):
            return self.message()
        return self.leaf(digest)
