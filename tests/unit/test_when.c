/* Times, as they are typed. */
#include "db/cli/when.h"

#include "tests/unit/table.h"

#define NOW INT64_C(1795651200) /* 2026-11-26T00:00:00Z */

static void forms(void **state)
{
	static const struct {
		const char *in;
		enum when result;
		int64_t time; /* for WHEN_OK */
	} rows[] = {
	    /* dates: the first moment of the day */
	    {"2027-01-31", WHEN_OK, 1801353600},
	    {"2028-02-29", WHEN_OK, 1835395200},
	    {"2027-02-29", WHEN_BAD, 0},
	    {"2028-02-30", WHEN_BAD, 0},
	    {"2100-02-28", WHEN_OK, 4107456000},
	    {"2100-02-29", WHEN_BAD, 0},
	    {"2400-02-29", WHEN_OK, 13574563200},
	    {"2027-04-31", WHEN_BAD, 0},
	    {"2027-12-31", WHEN_OK, 1830211200},
	    {"2027-12-32", WHEN_BAD, 0},
	    {"2027-00-01", WHEN_BAD, 0},
	    {"2027-13-01", WHEN_BAD, 0},
	    {"2027-01-00", WHEN_BAD, 0},
	    {"9999-12-31", WHEN_OK, 253402214400},
	    {"10000-01-01", WHEN_BAD, 0},
	    {"27-01-31", WHEN_BAD, 0},
	    {"2027-1-31", WHEN_BAD, 0},
	    {"2027-01-31 ", WHEN_BAD, 0},
	    {" 2027-01-31", WHEN_BAD, 0},
	    {"2027/01/31", WHEN_BAD, 0},
	    {"31.01.2027", WHEN_BAD, 0},
	    {"20270131", WHEN_BAD, 0},
	    {"", WHEN_BAD, 0},
	    {"never", WHEN_BAD, 0},
	    {"1795651201", WHEN_BAD, 0},
	    /* date and time */
	    {"2027-01-31T12:00:00Z", WHEN_OK, 1801396800},
	    {"2027-01-31T23:59:59Z", WHEN_OK, 1801439999},
	    {"9999-12-31T23:59:59Z", WHEN_OK, 253402300799},
	    {"2027-01-31T24:00:00Z", WHEN_BAD, 0},
	    {"2027-01-31T12:60:00Z", WHEN_BAD, 0},
	    {"2027-01-31T12:00:60Z", WHEN_BAD, 0},
	    {"2027-01-31T12:00:00", WHEN_BAD, 0},
	    {"2027-01-31T12:00Z", WHEN_BAD, 0},
	    {"2027-01-31T12:00:00+01:00", WHEN_BAD, 0},
	    {"2027-01-31T12:00:00ZZ", WHEN_BAD, 0},
	    {"2027-01-31t12:00:00z", WHEN_BAD, 0},
	    {"2027-01-31 12:00:00Z", WHEN_BAD, 0},
	    {"2027-01-31T", WHEN_BAD, 0},
	    {"2027-01-31Z", WHEN_BAD, 0},
	    /* from now on */
	    {"+1s", WHEN_OK, NOW + 1},
	    {"+2m", WHEN_OK, NOW + 120},
	    {"+3h", WHEN_OK, NOW + 10800},
	    {"+90d", WHEN_OK, NOW + 7776000},
	    {"+2w", WHEN_OK, NOW + 1209600},
	    {"+1y", WHEN_OK, NOW + 31536000},
	    {"+007d", WHEN_OK, NOW + 604800},
	    {"+251606649598s", WHEN_OK, 253402300798},
	    {"+251606649599s", WHEN_OK, 253402300799},
	    {"+251606649600s", WHEN_BAD, 0},
	    {"+8000y", WHEN_BAD, 0},
	    {"+9223372036854775807y", WHEN_BAD, 0},
	    {"+99999999999999999999999999s", WHEN_BAD, 0},
	    {"+18446744073709551617s", WHEN_BAD, 0},
	    {"+", WHEN_BAD, 0},
	    {"+d", WHEN_BAD, 0},
	    {"+90", WHEN_BAD, 0},
	    {"+90D", WHEN_BAD, 0},
	    {"+90dd", WHEN_BAD, 0},
	    {"+9.5d", WHEN_BAD, 0},
	    {"+-1d", WHEN_BAD, 0},
	    {"+ 1d", WHEN_BAD, 0},
	    {"90d", WHEN_BAD, 0},
	    {"-90d", WHEN_BAD, 0},
	    /* what is over, or is just now */
	    {"+0d", WHEN_PAST, 0},
	    {"2026-11-26", WHEN_PAST, 0},
	    {"2026-11-26T00:00:00Z", WHEN_PAST, 0},
	    {"2026-11-26T00:00:01Z", WHEN_OK, NOW + 1},
	    {"2026-11-25", WHEN_PAST, 0},
	    {"1970-01-01", WHEN_PAST, 0},
	    {"1969-12-31", WHEN_PAST, 0},
	    {"0000-01-01", WHEN_PAST, 0},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t time = -1;

		assert_row(when_parse(rows[i].in, NOW, &time) == rows[i].result, rows[i].in);
		assert_row(time == (rows[i].result == WHEN_OK ? rows[i].time : -1), rows[i].in);
	}
}

/* A clock that is far off is no reason for a time that overflows. */
static void clocks(void **state)
{
	int64_t time = -1;

	(void)state;
	assert_int_equal(when_parse("+1s", INT64_C(253402300799), &time), WHEN_BAD);
	assert_int_equal(when_parse("+1s", INT64_MAX, &time), WHEN_BAD);
	assert_int_equal(time, -1);
	assert_int_equal(when_parse("+1s", 0, &time), WHEN_OK);
	assert_int_equal(time, 1);
}

static void since(void **state)
{
	static const struct {
		const char *in;
		int64_t time; /* -1: refused */
	} rows[] = {
	    {"2026-11-25", NOW - 86400},
	    {"2026-11-25T23:59:59Z", NOW - 1},
	    {"1970-01-01", 0},
	    {"2027-01-31", 1801353600},
	    {"90d", NOW - INT64_C(90) * 86400},
	    {"-90d", NOW - INT64_C(90) * 86400},
	    {"1s", NOW - 1},
	    {"0s", NOW},
	    {"100y", 0},
	    {"--90d", -1},
	    {"+90d", -1},
	    {"-", -1},
	    {"", -1},
	    {"90", -1},
	    {"d", -1},
	    {"90x", -1},
	    {"90dd", -1},
	    {"99999999999999999999d", -1},
	    {"253402300799y", -1},
	    {"2026-11-25T24:00:00Z", -1},
	    {"2026/11-25", -1},
	    {"2026-11/25", -1},
	    {"2026-11-2", -1},
	    {"2026-11-25 00:00:00Z", -1},
	    {"2026-11-25T0:00:00Z", -1},
	    {"2026-11-25T00-00:00Z", -1},
	    {"2026-11-25T00:x0:00Z", -1},
	    {"2026-11-25T00:00-00Z", -1},
	    {"2026-11-25T00:00:x0Z", -1},
	    {"2026-11-25T00:00:00", -1},
	    {"yesterday", -1},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t time = -1;

		assert_row(when_parse_since(rows[i].in, NOW, &time) == (rows[i].time >= 0),
		           rows[i].in);
		assert_row(time == rows[i].time, rows[i].in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(forms),
	    cmocka_unit_test(clocks),
	    cmocka_unit_test(since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
