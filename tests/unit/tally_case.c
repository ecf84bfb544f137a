#include "tests/unit/tally_case.h"

#include <inttypes.h>
#include <string.h>

static const char *reason_name(enum reason reason)
{
	return reason == REASON_NONE ? "-" : reasons[reason].name;
}

void tally_check(const struct tally_case *cases, size_t count)
{
	for (const struct tally_case *c = cases; c < cases + count; c++) {
		struct account_of_message account;
		const struct message *message = &account.message;

		tally_feed(c->name, (const unsigned char *)c->octets, c->len, &account);
		if (strcmp(tally_faults(message), c->faults) != 0)
			fail_msg("%s: faults %s, not %s", c->name, tally_faults(message),
			         c->faults);
		if (message->largest.octets != c->largest ||
		    strcmp(message->largest.part, c->part) != 0 || account.why != c->why ||
		    account.opaque != c->opaque)
			fail_msg("%s: the largest is %" PRIu64 " %s %s %s, not %" PRIu64
			         " %s %s %s",
			         c->name, message->largest.octets, message->largest.part,
			         reason_name(account.why), reason_name(account.opaque), c->largest,
			         c->part, reason_name(c->why), reason_name(c->opaque));
		/* a header that no empty line ends counts as if one did */
		assert_row(message->octets == c->len ||
		               (!account.as_milter && message->octets == c->len + 2),
		           c->name);
	}
}
