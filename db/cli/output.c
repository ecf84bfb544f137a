#include "config.h"

#include "db/cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unictype.h>
#include <unistd.h>
#include <unistr.h>

#define LINE_MAX_OCTETS 1024 /* of a line that is complained or said, before it is made safe */
#define WIDTH_MAX       64   /* of a column: one long text shall not push all others away */

/* ---- text that is safe to show ------------------------------------------ */

/*
 * Octets of the character that begins at s, 0 if it is not one to show: no UTF-8, a control, a line
 * end, or a format character, which turns, joins or hides text.
 */
static size_t plain_character(const char *s)
{
	ucs4_t c;
	int len = u8_strmbtouc(&c, (const uint8_t *)s);

	if (len <= 0 ||
	    uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf |
	                                            UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp))
		return 0;
	return (size_t)len;
}

bool text_plain(const char *text)
{
	for (size_t len; *text; text += len) {
		len = plain_character(text);
		if (len == 0)
			return false;
	}
	return true;
}

/* The next piece of text as it may be shown, in piece; moves *text behind it. Gives its columns. */
static size_t next_piece(const char **text, char piece[5])
{
	size_t len = plain_character(*text);

	if (len == 0) {
		snprintf(piece, 5, "\\x%02x", (unsigned char)**text);
		(*text)++;
		return 4;
	}
	memcpy(piece, *text, len);
	piece[len] = '\0';
	*text += len;
	return 1;
}

/* Gives the columns it took, one for each character. */
static size_t put_text(FILE *stream, const char *text)
{
	char piece[5];
	size_t columns = 0;

	while (*text) {
		columns += next_piece(&text, piece);
		if (stream)
			fputs(piece, stream);
	}
	return columns;
}

const char *text_safe(char *buffer, size_t size, const char *text)
{
	size_t used = 0;
	char piece[5];

	while (*text) {
		next_piece(&text, piece);
		if (used + strlen(piece) + sizeof "..." > size) {
			strcpy(buffer + used, "...");
			return buffer;
		}
		strcpy(buffer + used, piece);
		used += strlen(piece);
	}
	buffer[used] = '\0';
	return buffer;
}

const char *shown(char buffer[SHOWN_MAX], const char *text)
{
	return text_safe(buffer, SHOWN_MAX, text);
}

/* ---- errors ------------------------------------------------------------- */

int complain(int code, const char *format, ...)
{
	char line[LINE_MAX_OCTETS];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	fputs("postreeve: ", stderr);
	put_text(stderr, line);
	fputc('\n', stderr);
	return code;
}

int complain_input(const char *name, int errnum)
{
	char quoted[SHOWN_MAX];
	int code = errnum == ENOMEM ? EX_OSERR : errnum == EIO ? EX_IOERR : EX_NOINPUT;

	return complain(code, "%s: %s", shown(quoted, name), strerror(errnum));
}

int complain_registry(const struct registry_error *error)
{
	static const int codes[] = {
	    [REGISTRY_OK] = EX_OK,
	    [REGISTRY_UNCHANGED] = EX_OK,
	    [REGISTRY_NOT_FOUND] = EX_DATAERR,
	    [REGISTRY_CONFLICT] = EX_DATAERR,
	    [REGISTRY_MISSING] = EX_UNAVAILABLE,
	    [REGISTRY_BUSY] = EX_TEMPFAIL,
	    [REGISTRY_DENIED] = EX_NOPERM,
	    [REGISTRY_INSECURE] = EX_CONFIG,
	    [REGISTRY_BAD] = EX_DATAERR,
	    [REGISTRY_OLDER] = EX_CONFIG,
	    [REGISTRY_NEWER] = EX_CONFIG,
	    [REGISTRY_IO] = EX_IOERR,
	    [REGISTRY_NO_MEMORY] = EX_OSERR,
	};

	return complain(codes[error->status], "%s", error->text);
}

/* ---- standard output ---------------------------------------------------- */

void say(const char *format, ...)
{
	char line[LINE_MAX_OCTETS];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	put_text(stdout, line);
	putchar('\n');
}

void table_row(struct table *table, const char *const *cells)
{
	for (size_t i = 0; i < table->columns; i++) {
		size_t columns = put_text(table->printing ? stdout : NULL, cells[i]);

		if (!table->printing && columns > table->width[i] && columns <= WIDTH_MAX)
			table->width[i] = columns;
		if (table->printing && i + 1 < table->columns)
			do
				putchar(' ');
			while (columns++ < table->width[i] + 1);
	}
	if (table->printing)
		putchar('\n');
}

void table_print(struct table *table)
{
	table_row(table, table->head);
	table->printing = true;
	table_row(table, table->head);
}

/* A column of a database that somebody else wrote to may hold what is no UTF-8. */
json_t *json_text(const char *text)
{
	json_t *json = json_string(text);
	FILE *stream;
	char *safe;
	size_t size;

	if (json || !(stream = open_memstream(&safe, &size)))
		return json;
	put_text(stream, text);
	if (fclose(stream) == 0)
		json = json_string(safe);
	free(safe);
	return json;
}

void json_put(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) != 0)
		exit(complain(EX_OSERR, "out of memory"));
}

void json_add(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		exit(complain(EX_OSERR, "out of memory"));
}

/* ASCII alone: a terminal takes C1 and bidi characters from JSON no better than from elsewhere. */
static void dump(json_t *json)
{
	/* What cannot be written is told at the end. */
	if (!json ||
	    (json_dumpf(json, stdout, JSON_ENSURE_ASCII | JSON_ENCODE_ANY) != 0 && output_good()))
		exit(complain(EX_OSERR, "out of memory"));
	json_decref(json);
}

void print_json(json_t *json)
{
	dump(json);
	putchar('\n');
}

void print_piece(const char *text, json_t *json)
{
	fputs(text, stdout);
	dump(json);
}

void array_begin(struct array *array)
{
	array->any = false;
	putchar('[');
}

void array_add(struct array *array, json_t *json)
{
	fputs(array->any ? ",\n" : "\n", stdout);
	array->any = true;
	dump(json);
}

void array_end(struct array *array)
{
	fputs(array->any ? "\n]\n" : "]\n", stdout);
}

json_t *grant_json(const struct registry_grant *grant)
{
	char created[DATE_MAX], expires[DATE_MAX];

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s}", "account", json_text(grant->holder),
	                 "pattern", json_text(grant->pattern), "expires",
	                 grant->expires ? json_string(date(expires, grant->expires)) : json_null(),
	                 "note", *grant->note ? json_text(grant->note) : json_null(), "author",
	                 json_text(grant->author), "created", date(created, grant->created));
}

static void print_field(const char *text)
{
	bool quote = strpbrk(text, ",\"") != NULL;
	char piece[5];

	if (quote)
		putchar('"');
	while (*text) {
		next_piece(&text, piece);
		if (strcmp(piece, "\"") == 0)
			putchar('"');
		fputs(piece, stdout);
	}
	if (quote)
		putchar('"');
}

void print_csv(const char *const *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			putchar(',');
		print_field(fields[i]);
	}
	putchar('\n');
}

void print_changed(const char *account, size_t changed)
{
	print_json(
	    json_pack("{s:o, s:I}", "account", json_text(account), "changed", (json_int_t)changed));
}

const char *date(char buffer[DATE_MAX], int64_t seconds)
{
	time_t time = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&time, &tm) || strftime(buffer, DATE_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		strcpy(buffer, "?");
	return buffer;
}

/* ---- its end ------------------------------------------------------------ */

/* Standard output, while another file has its number; else -1. */
static int held = -1;
/* Where something could not be written, and why: errno, or 0 while all could be, or nobody knows. */
static const char *lost_at = "standard output";
static int lost;

static bool waits(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || isatty(fd));
}

void output_hold(void)
{
	FILE *file = waits(STDOUT_FILENO) ? tmpfile() : NULL;

	if (!file)
		return;
	held = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (held >= 0 && dup2(fileno(file), STDOUT_FILENO) < 0) {
		close(held);
		held = -1;
	}
	fclose(file);
}

/* Gives standard output its number back, and what had that meanwhile another, or -1. */
static int swap_back(void)
{
	int file = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	if (dup2(held, STDOUT_FILENO) < 0)
		lost = errno;
	close(held);
	held = -1;
	return file;
}

/* All of the file, to standard output. */
static bool copy(int file)
{
	char buffer[1 << 14];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(file, buffer, sizeof buffer, at)) > 0) {
		if (fwrite(buffer, 1, (size_t)n, stdout) < (size_t)n)
			return false;
		at += n;
	}
	return n == 0;
}

void output_release(void)
{
	struct stat st;
	int file;

	if (held < 0)
		return;
	/* A little is still in the stream's own buffer, and needs no room on a disk. */
	if (output_good() && fstat(STDOUT_FILENO, &st) == 0 && st.st_size == 0) {
		close(swap_back());
		return;
	}
	errno = 0;
	if (fflush(stdout) != 0 || !output_good()) {
		lost_at = P_tmpdir;
		lost = errno;
		close(swap_back());
		return;
	}
	file = swap_back();
	if (lost == 0 && !copy(file))
		lost = errno;
	close(file);
}

bool output_good(void)
{
	return !ferror(stdout) && lost == 0;
}

int output_end(int code)
{
	bool good = output_good();

	errno = 0;
	if (fclose(stdout) == 0 && good)
		return code;
	if (lost == 0)
		lost = errno;
	return complain(EX_IOERR, "%s: %s: what was to be printed is lost", lost_at,
	                lost ? strerror(lost) : "write error");
}
