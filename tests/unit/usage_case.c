#include "tests/unit/usage_case.h"

uint64_t limits[QUOTA_COUNT];

int usage_setup(void **state)
{
	for (int quota = 0; quota < QUOTA_COUNT; quota++)
		limits[quota] = BOUND_UNLIMITED;
	*state = usage_new();
	return *state ? 0 : -1;
}

int usage_teardown(void **state)
{
	usage_free(*state);
	return 0;
}

bool take(struct usage *usage, struct usage_hold *hold, const char *account, enum measure measure,
          uint64_t amount, int64_t now, struct usage_count *count)
{
	uint64_t before = hold->held[measure];
	bool fits = true;

	assert_true(usage_take(usage, hold, account, measure, amount, limits, now, count));
	for (int quota = 0; quota < QUOTA_COUNT; quota++)
		if (quotas[quota].measure == measure && count->used[quota] > limits[quota])
			fits = false;
	assert_int_equal(hold->held[measure], fits ? before + amount : before);
	return fits;
}

struct usage_count peek(struct usage *usage, const char *account, enum measure measure, int64_t now)
{
	struct usage_hold hold = {0};
	struct usage_count count = {0};

	take(usage, &hold, account, measure, 0, now, &count);
	usage_release(usage, &hold);
	return count;
}

void use(struct usage *usage, const char *account, enum measure measure, uint64_t amount,
         int64_t now)
{
	struct usage_hold hold = {0};
	struct usage_count count;

	assert_true(take(usage, &hold, account, measure, amount, now, &count));
	usage_commit(usage, &hold, now);
}
