/*
 * What is done with Postreeve's libraries in one process, to be done again and again while something
 * beneath fails.
 */
#ifndef TESTS_FAULT_SCENARIO_H
#define TESTS_FAULT_SCENARIO_H

#include "tests/fault/place.h"

enum ending {
	RIGHT,  /* all is as it is without faults */
	FAILED, /* what failed was told, as documented */
	WRONG,  /* neither */
};

struct scenario {
	const char *name;
	enum ending (*run)(void);
	enum place_base base;
};

/* Those of a file; the last has no name. */
extern const struct scenario registry_scenarios[], reader_scenarios[], session_scenarios[],
    login_scenarios[];

/* WRONG, and says why. */
enum ending wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* REGISTRY_OK is right; what memory and disks give has failed, if one line says so. */
enum ending of_status(enum registry_status status, const struct registry_error *error);
/* What was read, once all of it was: right if it is what it was without faults. */
enum ending of_text(const char *text);

#endif
