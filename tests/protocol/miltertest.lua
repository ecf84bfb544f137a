-- What another implementation of the MTA's side sees. Each step that does not go as it should ends
-- the script, and says which it was.

local function check(ok, what)
	if not ok then
		mt.echo(what) -- error() alone says nothing
		error(what)
	end
end

-- For the functions that give nil, or say what went wrong.
local function done(problem, what)
	check(problem == nil, what .. ": " .. tostring(problem))
end

local function open()
	local c = mt.connect(socket, 50, 0.1)
	check(c ~= nil, "connect")
	done(mt.negotiate(c, nil, nil, nil), "negotiate")
	return c
end

local function hello(c)
	done(mt.conninfo(c, "client.example", "192.0.2.7"), "conninfo")
	done(mt.helo(c, "client.example"), "helo")
end

local function login(c, name)
	done(mt.macro(c, SMFIC_MAIL, "{auth_type}", "PLAIN", "{auth_authen}", name,
		"{daemon_port}", "587"), "macro")
end

-- What is asked for: to be waited for at MAIL, RCPT and the end of the message alone (and at DATA on
-- a TCP socket), no unknown commands, header values as they are; nothing is ever changed.
local c = open()
for name, options in pairs({
	connect = { SMFIP_NR_CONN, SMFIP_NOCONNECT }, HELO = { SMFIP_NR_HELO, SMFIP_NOHELO },
	DATA = { SMFIP_NR_DATA, SMFIP_NODATA }, headers = { SMFIP_NR_HDR, SMFIP_NOHDRS },
	["end of headers"] = { SMFIP_NR_EOH, SMFIP_NOEOH },
	body = { SMFIP_NR_BODY, SMFIP_NOBODY }, ["unknown commands"] = { SMFIP_NOUNKNOWN },
	["white space"] = { SMFIP_HDR_LEADSPC },
}) do
	local asked = false
	for _, option in ipairs(options) do
		asked = asked or mt.test_option(c, option)
	end
	check(asked, "wants answers or changes: " .. name)
end
for name, option in pairs({
	NR_MAIL = SMFIP_NR_MAIL, NR_RCPT = SMFIP_NR_RCPT, NOMAIL = SMFIP_NOMAIL,
	NORCPT = SMFIP_NORCPT, NOCONNECT = SMFIP_NOCONNECT, NOHELO = SMFIP_NOHELO,
	RCPT_REJ = SMFIP_RCPT_REJ,
}) do
	check(not mt.test_option(c, option), "asks for " .. name)
end
for name, action in pairs({
	ADDHDRS = SMFIF_ADDHDRS, CHGHDRS = SMFIF_CHGHDRS, CHGBODY = SMFIF_CHGBODY,
	ADDRCPT = SMFIF_ADDRCPT, DELRCPT = SMFIF_DELRCPT, QUARANTINE = SMFIF_QUARANTINE,
}) do
	check(not mt.test_action(c, action), "asks for the action " .. name)
end

-- A message that passes.
hello(c)
login(c, "alice")
done(mt.mailfrom(c, "<alice@example.com>"), "mailfrom")
check(mt.getreply(c) == SMFIR_CONTINUE, "MAIL was refused")
done(mt.rcptto(c, "<r@example.net>"), "rcptto")
check(mt.getreply(c) == SMFIR_CONTINUE, "RCPT was refused")
if not mt.test_option(c, SMFIP_NODATA) then
	done(mt.data(c), "data")
end
done(mt.header(c, "From", " alice@example.com"), "header")
done(mt.header(c, "Date", " Mon, 01 Jan 2024 00:00:00 +0000"), "header")
if not mt.test_option(c, SMFIP_NOEOH) then
	done(mt.eoh(c), "eoh")
end
done(mt.bodystring(c, "Hello\r\n"), "bodystring")
done(mt.eom(c), "eom")
check(mt.getreply(c) == SMFIR_CONTINUE, "the message was refused")
for name, change in pairs({
	HDRADD = MT_HDRADD, HDRINSERT = MT_HDRINSERT, HDRCHANGE = MT_HDRCHANGE,
	HDRDELETE = MT_HDRDELETE,
	BODYCHANGE = MT_BODYCHANGE, QUARANTINE = MT_QUARANTINE,
}) do
	check(not mt.eom_check(c, change), "the message was changed: " .. name)
end
mt.disconnect(c)

-- One that is refused: the sender is another account's. libmilter's letter for a reply with a text
-- is SMFIR_REPLYCODE.
c = open()
hello(c)
login(c, "alice")
done(mt.mailfrom(c, "<bob@example.com>"), "mailfrom")
check(mt.getreply(c) == SMFIR_REPLYCODE, "MAIL was not refused")
mt.disconnect(c)
