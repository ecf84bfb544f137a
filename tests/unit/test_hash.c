/* Hashes of passwords. */
#include "db/hash.h"

#include "tests/unit/table.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const verdicts[] = {
    [HASH_MATCHES] = "matches",
    [HASH_DIFFERS] = "differs",
    [HASH_BAD] = "bad",
    [HASH_FAILED] = "failed",
};

static void assert_verdict(const char *hash, const char *password, size_t len,
                           enum hash_verdict wanted)
{
	enum hash_verdict got = hash_verify(hash, password, len);

	if (got != wanted)
		fail_msg("%s of %zu octets: %s, not %s", hash, len, verdicts[got],
		         verdicts[wanted]);
}

/* RFC 7914, section 12, as PHC strings; passlib's documentation; crypt(3)'s own tests. */
static const struct vector {
	const char *hash, *password;
} vectors[] = {
    {"$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/"
     "xCSedmDDaxyevuUqD7m2DYMvfoswGQA",
     "password"},
    {"$y$j9T$F5Jx5fExrKuPp53xLKQ..1$dcdi.Kj3Y1NH3BK2uZ3cZVoROm5iiTxn1keRYFNoCOA", "pleaseletmein"},
    {"$gy$j9T$F5Jx5fExrKuPp53xLKQ..1$8B1HJd7Lz54VK74u9GrmOd1AYF66AiDeTiXYx7u33JA", "pleaseletmein"},
    {"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
    {"$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
    {"$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/"
     "O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
     "Hello world!"},
    {"$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/"
     "UrjmM0Dp8vOuZeH"
     "By/YTBmSK6H9qs/y3RnOaw5v.",
     "Hello world!"},
    {"$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!"},
};

/* The same, that take long: the others try what does not match. */
static const struct vector dear[] = {
    {"$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVY"
     "T8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw",
     "pleaseletmein"},
    {"$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
     "password"},
    {"$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D", "pleaseletmein"},
};

static void vectors_of_others_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(vectors); i++) {
		const char *password = vectors[i].password;
		char other[32];

		assert_row(hash_is_good(vectors[i].hash), vectors[i].hash);
		assert_verdict(vectors[i].hash, password, strlen(password), HASH_MATCHES);
		assert_verdict(vectors[i].hash, password, strlen(password) - 1, HASH_DIFFERS);
		assert_verdict(vectors[i].hash, password, strlen(password) + 1, HASH_DIFFERS);
		snprintf(other, sizeof other, "%s ", password);
		assert_verdict(vectors[i].hash, other, strlen(other), HASH_DIFFERS);
	}
	for (size_t i = 0; i < ROWS(dear); i++) {
		assert_row(hash_is_good(dear[i].hash), dear[i].hash);
		assert_verdict(dear[i].hash, dear[i].password, strlen(dear[i].password),
		               HASH_MATCHES);
	}
}

/* A hash of which the last digit is another. */
static void another_hash_differs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(vectors); i++) {
		char other[PASSWORD_HASH_MAX];
		size_t dollar = (size_t)(strrchr(vectors[i].hash, '$') - vectors[i].hash);

		strcpy(other, vectors[i].hash);
		other[dollar + 1] = other[dollar + 1] == 'A' ? 'B' : 'A';
		assert_verdict(other, vectors[i].password, strlen(vectors[i].password),
		               HASH_DIFFERS);
	}
}

#define SALT  "aM15713r3Xsvxbi31lqr1Q"
#define KEY   "nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E"
#define KEY43 "dcdi.Kj3Y1NH3BK2uZ3cZVoROm5iiTxn1keRYFNoCOA"
#define KEY53 "CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
#define KEY86                                                                                      \
	"svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
#define A64 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void what_is_malformed_or_costs_too_much_is_bad(void **state)
{
	static const char *const rows[] = {
	    "",
	    "$",
	    "$$",
	    "password",
	    "*",
	    "!",
	    "$scrypt",
	    "$scrypt$",
	    "$scrypt$ln=16",
	    "$scrypt$ln=16,r=8,p=1",
	    "$scrypt$ln=16,r=8,p=1$",
	    "$scrypt$ln=16,r=8,p=1$" SALT,
	    "$scrypt$ln=16,r=8,p=1$" SALT "$",
	    "$scrypt$ln=16,r=8,p=1$$" KEY,
	    "$scrypt$ln=16,r=8,p=1$" SALT "$" KEY "$",
	    "$scrypt$ln=16,r=8,p=1$" SALT "$" KEY "=",
	    "$scrypt$ln=16,r=8,p=1$" SALT "==$" KEY,
	    "$scrypt$ln=16,r=8,p=1$" SALT "$" KEY "AA",          /* one too many */
	    "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1R$" KEY, /* bits of no octet */
	    "$scrypt$ln=16,r=8,p=1$" SALT "$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5F",
	    "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr.Q$" KEY, /* another base64 */
	    "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr_Q$" KEY,
	    "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr Q$" KEY,
	    "$scrypt$ln=16,r=8,p=1$aM1$" KEY,                             /* a salt of 2 octets */
	    "$scrypt$ln=16,r=8,p=1$" SALT "$nFNh2CVHVjNld",               /* a key of 9 octets */
	    "$scrypt$ln=16,r=8,p=1$" A64 "AAAAAAAAAAAAAAAAAAAAAAAA$" KEY, /* a salt of 66 */
	    "$scrypt$ln=16,r=8,p=1$" SALT "$" A64 "AAAAAAAAAAAAAAAAAAAAAAAA",
	    "$scrypt$ln=0,r=8,p=1$" SALT "$" KEY,
	    "$scrypt$ln=21,r=8,p=1$" SALT "$" KEY,
	    "$scrypt$ln=63,r=8,p=1$" SALT "$" KEY,
	    "$scrypt$ln=64,r=8,p=1$" SALT "$" KEY,
	    "$scrypt$ln=4294967312,r=8,p=1$" SALT "$" KEY,
	    "$scrypt$ln=016,r=8,p=1$" SALT "$" KEY,
	    "$scrypt$ln=+16,r=8,p=1$" SALT "$" KEY,
	    "$scrypt$ln=-1,r=8,p=1$" SALT "$" KEY,
	    "$scrypt$ln= 16,r=8,p=1$" SALT "$" KEY,
	    "$scrypt$ln=,r=8,p=1$" SALT "$" KEY,
	    "$scrypt$ln=16,r=0,p=1$" SALT "$" KEY,
	    "$scrypt$ln=16,r=33,p=1$" SALT "$" KEY,
	    "$scrypt$ln=16,r=1,p=1$" SALT "$" KEY, /* RFC 7914: N is less than 2^16 then */
	    "$scrypt$ln=16,r=8,p=0$" SALT "$" KEY,
	    "$scrypt$ln=16,r=8,p=17$" SALT "$" KEY,
	    "$scrypt$ln=16,r=8,p=1073741824$" SALT "$" KEY,
	    "$scrypt$ln=20,r=8,p=2$" SALT "$" KEY, /* more than the costliest of ours */
	    "$scrypt$ln=19,r=32,p=1$" SALT "$" KEY,
	    "$scrypt$r=8,ln=16,p=1$" SALT "$" KEY,
	    "$scrypt$ln=16,r=8$" SALT "$" KEY,
	    "$scrypt$ln=16,r=8,p=1,x=1$" SALT "$" KEY,
	    "$SCRYPT$ln=16,r=8,p=1$" SALT "$" KEY,
	    " $scrypt$ln=16,r=8,p=1$" SALT "$" KEY,
	    "$scrypt$ln=16,r=8,p=1$" SALT "$" KEY " ",
	    "$scrypt$ln=16,r=8,p=1$" SALT "$" KEY "\n",
	    "{SCRYPT}$scrypt$ln=16,r=8,p=1$" SALT "$" KEY,
	    "$argon2id$v=19$m=65536,t=3,p=4$" SALT "$" KEY,
	    /* crypt(3) */
	    "$y$",
	    "$y$j9T$",
	    "$y$j9T$F5Jx5fExrKuPp53xLKQ..1",
	    "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$",
	    "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$dcdi",
	    "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$" KEY43 "A",
	    "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$+cdi.Kj3Y1NH3BK2uZ3cZVoROm5iiTxn1keRYFNoCOA",
	    "$y$jzT$F5Jx5fExrKuPp53xLKQ..1$" KEY43, /* N of 2^64 */
	    "$y$jGT$F5Jx5fExrKuPp53xLKQ..1$" KEY43,
	    "$y$j9Tzzzz$F5Jx5fExrKuPp53xLKQ..1$" KEY43,
	    "$7$z6..../....SodiumChloride$" KEY43,
	    "$7$C6....zzzzzSodiumChloride$" KEY43,
	    "$7$C0..../....$" KEY43 "0",
	    "$7$C6..:./....SodiumChloride$" KEY43,
	    "$y$x9T$F5Jx5fExrKuPp53xLKQ..1$" KEY43,
	    "$y$j9TTF5Jx5fExrKuPp53xLKQ..1$" KEY43,
	    "$2b$31$" KEY53, /* days */
	    "$2b$99$" KEY53,
	    "$2b$5$" KEY53,
	    "$2x$05$" KEY53,
	    "$2$05$" KEY53,
	    "$2b05$" KEY53,
	    "$2b$a5$" KEY53,
	    "$2b$055$" KEY53,
	    "$2b$05$E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
	    "$6$saltstring",
	    "$6$saltstring$",
	    "$6$saltstring$svn8UoSVapNtMuq1",
	    "$6$saltstring$" KEY86 "A",
	    "$6$rounds=999999999$saltstring$" KEY86, /* half an hour */
	    "$6$rounds=x$saltstring$" KEY86 "A",
	    "$6$rounds=5000x$saltstring$" KEY86,
	    "$6$salt:string$" KEY86,
	    "$6$salt\nstring$" KEY86,
	    "$1$saltstri$YMyguxXMBpd2TEZ.vS/3q1", /* MD5 */
	    "$md5$rounds=904$iPPKEBnEkp3JV8uX$$/pTmvrYZIHcEhoYV0lpyU0",
	    "$sha1$40000$jtNX3nZ2$hBNaIXkt4wBI2o5rsi8KejSjNqIq",
	    "$3$$8846f7eaee8fb117ad06bdd830b7586c",
	    "abJnggxhB/yWI", /* DES */
	    "_J9..rasmBYk8r9AiWNc",
	};
	char long_one[PASSWORD_HASH_MAX + 10];

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		assert_row(!hash_is_good(rows[i]), rows[i]);
		assert_verdict(rows[i], "password", 8, HASH_BAD);
		assert_row(hash_is_outdated(rows[i], HASH_COST_MIN), rows[i]);
	}
	memset(long_one, 'A', sizeof long_one);
	long_one[sizeof long_one - 1] = '\0';
	memcpy(long_one, "$scrypt$ln=16,r=8,p=1$", 22);
	assert_false(hash_is_good(long_one));
	memcpy(long_one, "$6$", 3);
	assert_false(hash_is_good(long_one));
	assert_verdict(long_one, "password", 8, HASH_BAD);
}

/* Every beginning of a hash is malformed, but for those of a key that may be of several lengths. */
static void what_is_cut_off_matches_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(vectors) + ROWS(dear); i++) {
		const char *hash =
		    i < ROWS(vectors) ? vectors[i].hash : dear[i - ROWS(vectors)].hash;

		for (size_t len = 0; len < strlen(hash); len++) {
			char cut[PASSWORD_HASH_MAX];

			snprintf(cut, sizeof cut, "%.*s", (int)len, hash);
			if (strncmp(cut, "$scrypt$", 8) != 0)
				assert_row(!hash_is_good(cut), cut);
		}
	}
}

static void what_is_made_matches_its_password_alone(void **state)
{
	static const struct {
		const char *password;
		size_t len;
	} rows[] = {
	    {"x", 1}, {" ", 1}, {"p\xc3\xa4ssw\xc3\xb6rd", 10}, {"caf\xe9", 4}, {"\x01\n", 2},
	};
	char first[PASSWORD_HASH_MAX], second[PASSWORD_HASH_MAX], longest[PASSWORD_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		assert_true(hash_make(rows[i].password, rows[i].len, HASH_COST_MIN, first));
		assert_true(hash_make(rows[i].password, rows[i].len, HASH_COST_MIN + 1, second));
		assert_true(strncmp(first, "$scrypt$ln=10,r=8,p=1$", 22) == 0);
		assert_true(strncmp(second, "$scrypt$ln=11,r=8,p=1$", 22) == 0);
		assert_int_equal(strlen(first), 22 + 22 + 1 + 43);
		assert_true(hash_is_good(first));
		assert_verdict(first, rows[i].password, rows[i].len, HASH_MATCHES);
		assert_verdict(second, rows[i].password, rows[i].len, HASH_MATCHES);
		assert_verdict(first, "y", 1, HASH_DIFFERS);
	}
	/* Twice the same is never the same. */
	assert_true(hash_make("x", 1, HASH_COST_MIN, first));
	assert_true(hash_make("x", 1, HASH_COST_MIN, second));
	assert_string_not_equal(first, second);

	memset(longest, 'x', sizeof longest);
	assert_true(hash_make(longest, PASSWORD_MAX, HASH_COST_MIN, first));
	assert_verdict(first, longest, PASSWORD_MAX, HASH_MATCHES);
	assert_verdict(first, longest, PASSWORD_MAX - 1, HASH_DIFFERS);
	/* crypt(3) has no way to hash it. */
	assert_verdict(vectors[1].hash, longest, PASSWORD_MAX, HASH_DIFFERS);
	assert_verdict(vectors[1].hash, longest, 511, HASH_DIFFERS);
	assert_verdict(vectors[1].hash, longest, 512, HASH_DIFFERS);
}

static void what_is_no_password_is_neither_made_nor_matched(void **state)
{
	char hash[PASSWORD_HASH_MAX], longer[PASSWORD_MAX + 1];

	(void)state;
	memset(longer, 'x', sizeof longer);
	assert_false(hash_make("", 0, HASH_COST_MIN, hash));
	assert_false(hash_make("a\0b", 3, HASH_COST_MIN, hash));
	assert_false(hash_make(longer, sizeof longer, HASH_COST_MIN, hash));
	assert_false(hash_make("a", 1, HASH_COST_MIN - 1, hash));
	assert_false(hash_make("a", 1, HASH_COST_MAX + 1, hash));
	for (size_t i = 0; i < ROWS(vectors); i++) {
		char with_nul[32] = {0};
		size_t len = strlen(vectors[i].password);

		strcpy(with_nul, vectors[i].password);
		assert_verdict(vectors[i].hash, with_nul, len + 1, HASH_DIFFERS);
		assert_verdict(vectors[i].hash, with_nul, len + 5, HASH_DIFFERS);
		assert_verdict(vectors[i].hash, "", 0, HASH_DIFFERS);
		assert_verdict(vectors[i].hash, longer, sizeof longer, HASH_DIFFERS);
	}
}

static void a_lower_cost_or_another_scheme_is_outdated(void **state)
{
	static const struct {
		const char *hash;
		unsigned cost;
		bool outdated;
	} rows[] = {
	    {"$scrypt$ln=16,r=8,p=1$" SALT "$" KEY, 15, false},
	    {"$scrypt$ln=16,r=8,p=1$" SALT "$" KEY, 16, false},
	    {"$scrypt$ln=16,r=8,p=1$" SALT "$" KEY, 17, true},
	    {"$scrypt$ln=16,r=7,p=1$" SALT "$" KEY, 15, true},
	    {"$scrypt$ln=16,r=8,p=1$TmFDbA$" KEY, 15, true},
	    {"$scrypt$ln=16,r=8,p=1$" SALT "$aM15713r3Xsvxbi31lqr1Q", 15, true},
	    {"$y$j9T$F5Jx5fExrKuPp53xLKQ..1$" KEY43, 10, true},
	    {"$2b$05$" KEY53, 10, true},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		assert_row(hash_is_good(rows[i].hash), rows[i].hash);
		assert_row(hash_is_outdated(rows[i].hash, rows[i].cost) == rows[i].outdated,
		           rows[i].hash);
	}
}

static void generated_ones_are_long_and_have_no_letters_that_look_alike(void **state)
{
	char out[PASSWORD_GENERATED], before[PASSWORD_GENERATED] = "";
	bool seen[256] = {false};
	size_t kinds = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_true(hash_generate(out));
		assert_int_equal(strlen(out), 24);
		assert_null(strpbrk(out, "0OoIil1"
		                         " -_"));
		assert_string_not_equal(out, before);
		strcpy(before, out);
		for (const char *at = out; *at; at++)
			seen[(unsigned char)*at] = true;
	}
	for (size_t i = 0; i < ROWS(seen); i++)
		kinds += seen[i];
	assert_true(kinds >= 54 && kinds <= 56);
}

#define THREADS 8
#define TRIES   8

/* Each has a password of its own. */
static void *judge(void *arg)
{
	char password[16], hash[PASSWORD_HASH_MAX];
	size_t number = (size_t)(uintptr_t)arg;
	const struct vector *vector = &vectors[3 + number % 4];

	snprintf(password, sizeof password, "password %zu", number);
	if (!hash_make(password, strlen(password), HASH_COST_MIN, hash))
		return arg;
	for (int i = 0; i < TRIES; i++)
		if (hash_verify(hash, password, strlen(password)) != HASH_MATCHES ||
		    hash_verify(hash, "another", 7) != HASH_DIFFERS ||
		    hash_verify(vector->hash, vector->password, strlen(vector->password)) !=
		        HASH_MATCHES ||
		    hash_verify("$6$saltstring$", password, strlen(password)) != HASH_BAD)
			return arg;
	return NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
	pthread_t threads[THREADS];
	void *failed;

	(void)state;
	for (uintptr_t i = 0; i < THREADS; i++)
		/* 1 and up: null is success. */
		assert_int_equal(pthread_create(&threads[i], NULL, judge, (void *)(i + 1)), 0);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(vectors_of_others_match),
	    cmocka_unit_test(another_hash_differs),
	    cmocka_unit_test(what_is_malformed_or_costs_too_much_is_bad),
	    cmocka_unit_test(what_is_cut_off_matches_nothing),
	    cmocka_unit_test(what_is_made_matches_its_password_alone),
	    cmocka_unit_test(what_is_no_password_is_neither_made_nor_matched),
	    cmocka_unit_test(a_lower_cost_or_another_scheme_is_outdated),
	    cmocka_unit_test(generated_ones_are_long_and_have_no_letters_that_look_alike),
	    cmocka_unit_test(threads_do_not_disturb_each_other),
	};

	return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
