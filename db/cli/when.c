#include "db/cli/when.h"

#include <stddef.h>

#define DAY  INT64_C(86400)
#define LAST INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* So many digits, and no more are looked at; moves *text behind them. */
static bool digits(const char **text, int count, int *out)
{
	*out = 0;
	for (int i = 0; i < count; i++, (*text)++) {
		if (**text < '0' || **text > '9')
			return false;
		*out = *out * 10 + (**text - '0');
	}
	return true;
}

static bool octet(const char **text, char wanted)
{
	if (**text != wanted)
		return false;
	(*text)++;
	return true;
}

static int days_of_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Days from 1970-01-01 on; the calendar's year begins in March here, so that leap days end it. */
static int64_t days_of_date(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t m = (month + 9) % 12;

	return 365 * y + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

static bool parse_date(const char *text, int64_t *out)
{
	int year, month, day, hour = 0, minute = 0, second = 0;

	if (!digits(&text, 4, &year) || !octet(&text, '-') || !digits(&text, 2, &month) ||
	    !octet(&text, '-') || !digits(&text, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
		return false;
	if (*text && (!octet(&text, 'T') || !digits(&text, 2, &hour) || !octet(&text, ':') ||
	              !digits(&text, 2, &minute) || !octet(&text, ':') ||
	              !digits(&text, 2, &second) || !octet(&text, 'Z')))
		return false;
	if (*text || hour > 23 || minute > 59 || second > 59)
		return false;
	*out = days_of_date(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
	return true;
}

/* What stands behind the '+'. */
static bool parse_span(const char *text, int64_t *out)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'s', 1},   {'m', 60},      {'h', 3600},
	             {'d', DAY}, {'w', 7 * DAY}, {'y', 365 * DAY}};
	int64_t number = 0;

	if (*text < '0' || *text > '9')
		return false;
	for (; *text >= '0' && *text <= '9'; text++) {
		number = number * 10 + (*text - '0');
		if (number > LAST)
			return false;
	}
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (*text != units[i].unit)
			continue;
		if (text[1] || number > LAST / units[i].seconds)
			return false;
		*out = number * units[i].seconds;
		return true;
	}
	return false;
}

enum when when_parse(const char *text, int64_t now, int64_t *out)
{
	int64_t time;

	if (*text == '+') {
		if (!parse_span(text + 1, &time) || now > LAST - time)
			return WHEN_BAD;
		time += now;
	} else if (!parse_date(text, &time)) {
		return WHEN_BAD;
	}
	if (time <= now)
		return WHEN_PAST;
	*out = time;
	return WHEN_OK;
}

bool when_parse_since(const char *text, int64_t now, int64_t *out)
{
	int64_t time;

	if (parse_date(text, out))
		return true;
	if (!parse_span(*text == '-' ? text + 1 : text, &time))
		return false;
	*out = time < now ? now - time : 0; /* there is nothing from before the epoch */
	return true;
}
