#include "db/cli/scan_show.h"

/* Part, type, encoding and the two sizes: wide enough for what is usual, and a terminal has room. */
static const struct table leaf_table = {
    .columns = 6,
    .head = {"PART", "TYPE", "ENCODING", "RAW", "COUNTED", "NAME"},
    .width = {8, 24, 16, 8, 8},
};

static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

static json_t *text_or_null(const char *text)
{
	return *text ? json_text(text) : json_null();
}

static void show_member(struct show *show, json_t *member)
{
	print_piece(show->any ? ", " : "", member);
	show->any = true;
}

void show_begin(struct show *show, const char *file)
{
	show->any = show->in_leaves = false;
	show->leaves = leaf_table;
	if (show->json) {
		print_piece("{\"file\": ", json_text(file));
		fputs(", \"addresses\": [", stdout);
		return;
	}
	if (show->begun)
		putchar('\n');
	show->begun = true;
	say("file           %s", file);
}

static void show_leaves(struct show *show)
{
	if (show->in_leaves)
		return;
	show->in_leaves = true;
	show->any = false;
	if (show->json)
		fputs("], \"leaves\": [", stdout);
	else
		table_print(&show->leaves);
}

void show_address(struct show *show, const char *field, const char *address)
{
	if (show->json)
		show_member(show,
		            json_pack("{s:s, s:o}", "field", field, "address", json_text(address)));
	else
		say("%-14s %s", field, address);
}

static json_t *leaf_json(const struct leaf *leaf)
{
	return json_pack(
	    "{s:o, s:o, s:o, s:o, s:I, s:I, s:b, s:s, s:o}", "part", json_text(leaf->part), "type",
	    text_or_null(leaf->type), "name", text_or_null(leaf->name), "encoding",
	    text_or_null(encoding_names[leaf->encoding]), "raw", (json_int_t)leaf->raw, "counted",
	    (json_int_t)leaf->counted, "attachment", leaf->why != REASON_body_text, "why",
	    reasons[leaf->why].name, "opaque",
	    text_or_null(leaf->opaque == REASON_NONE ? "" : reasons[leaf->opaque].name));
}

void show_leaf(struct show *show, const struct leaf *leaf)
{
	char raw[24], counted[24];
	bool opaque = leaf->opaque != REASON_NONE;

	show_leaves(show);
	if (show->json) {
		show_member(show, leaf_json(leaf));
		return;
	}
	snprintf(raw, sizeof raw, "%llu", (unsigned long long)leaf->raw);
	snprintf(counted, sizeof counted, "%llu", (unsigned long long)leaf->counted);
	table_row(&show->leaves, (const char *[]){leaf->part, or_dash(leaf->type),
	                                          or_dash(encoding_names[leaf->encoding]), raw,
	                                          counted, or_dash(leaf->name)});
	say("          %s: %s%s%s", leaf->why == REASON_body_text ? "body text" : "attachment",
	    reasons[leaf->why].text, opaque ? ": " : "", opaque ? reasons[leaf->opaque].text : "");
}

static void show_fault(struct show *show, enum fault id, const char *part, const char *field)
{
	const struct fault_row *fault = &faults[id];
	const char *rule = rules[fault->rule].name;

	if (show->json)
		show_member(show, json_pack("{s:s, s:s, s:s, s:o, s:o}", "rule", rule, "fault",
		                            fault->name, "text", fault->what, "part",
		                            text_or_null(part), "field", text_or_null(field)));
	else
		say("%-14s %s: %s%s%s%s", rule, fault->name, fault->what,
		    *part    ? " (part "
		    : *field ? " ("
		             : "",
		    *part ? part : field, *part || *field ? ")" : "");
}

static void show_form(struct show *show, const struct message *message)
{
	if (show->json)
		fputs("], \"form\": [", stdout);
	show->any = false;
	for (int id = 0; id < FAULT_COUNT; id++)
		if (message->faults[id].found)
			show_fault(show, (enum fault)id, message->faults[id].part,
			           message->faults[id].field);
	if (show->json)
		fputs("]", stdout);
}

/* ---- the verdict -------------------------------------------------------- */

/* As SMTP would say it. */
#define ANSWER_MAX (sizeof "552 5.3.4 " + REPLY_TEXT_MAX)
static const char *answer(const struct limits *limits, const struct finding *finding,
                          struct reply *reply, char out[ANSWER_MAX])
{
	if (finding->outcome == OUTCOME_OK)
		return "pass";
	reply_format(finding, limits, reply);
	snprintf(out, ANSWER_MAX, "%u %s %s", reply->code, reply->enhanced, reply->text);
	return out;
}

static json_t *answer_json(const struct limits *limits, const struct finding *finding)
{
	char line[ANSWER_MAX];
	struct reply reply;

	if (finding->outcome == OUTCOME_OK)
		return json_pack("{s:s, s:n, s:n}", "action", "pass", "rule", "reply");
	answer(limits, finding, &reply, line);
	return json_pack("{s:s, s:s, s:s}", "action", reply.code < 500 ? "tempfail" : "reject",
	                 "rule", reply.rule, "reply", line);
}

static json_t *verdict_json(const struct limits *limits, const struct verdict *verdict)
{
	json_t *json = answer_json(limits, &verdict->finding), *shadow = json_array();
	bool good = true;

	for (size_t i = 0; i < verdict->shadow_count; i++)
		good &=
		    json_array_append_new(shadow, answer_json(limits, &verdict->shadow[i])) == 0;
	if (json_object_set_new(json, "shadow", shadow) == 0 && good)
		return json;
	json_decref(json);
	return NULL;
}

static void show_judgement(const struct show *show, const struct judgement *judgement)
{
	const struct limits *limits = judgement->limits;
	const struct verdict *verdict = &judgement->verdict;
	char line[ANSWER_MAX];
	struct reply reply;

	if (show->json) {
		print_piece(", \"account\": ", json_text(judgement->account));
		print_piece(", \"verdict\": ", verdict_json(limits, verdict));
		return;
	}
	say("account        %s", judgement->account);
	for (size_t i = 0; i < verdict->shadow_count; i++)
		say("shadow         %s", answer(limits, &verdict->shadow[i], &reply, line));
	say("verdict        %s", answer(limits, &verdict->finding, &reply, line));
}

/* ---- the message -------------------------------------------------------- */

static void show_sizes_json(const struct message *message)
{
	print_piece(", \"message_octets\": ", json_integer((json_int_t)message->octets));
	print_piece(", \"largest_attachment\": ",
	            json_pack("{s:I, s:o, s:o}", "octets", (json_int_t)message->largest.octets,
	                      "part", text_or_null(message->largest.part), "name",
	                      text_or_null(message->largest.name)));
}

static void show_sizes(const struct message *message)
{
	const char *name = message->largest.name;

	say("octets         %llu", (unsigned long long)message->octets);
	if (message->largest.octets > 0)
		say("largest        %llu, part %s%s%s", (unsigned long long)message->largest.octets,
		    message->largest.part, *name ? ", " : "", name);
	else
		say("largest        -");
}

void show_end(struct show *show, const struct message *message, const struct judgement *judgement)
{
	show_leaves(show);
	show_form(show, message);
	if (show->json)
		show_sizes_json(message);
	else
		show_sizes(message);
	if (judgement)
		show_judgement(show, judgement);
	if (show->json)
		fputs("}\n", stdout);
}

void show_cut(struct show *show)
{
	show_leaves(show);
	if (show->json)
		fputs("]}\n", stdout);
}
