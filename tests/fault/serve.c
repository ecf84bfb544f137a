/* What `postreeve status' asks: the daemon's own, in a process of its own that no fault is in. */
#include "tests/fault/verbs.h"

#include "milter/status.h"
#include "tests/fuzz/check.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Those of the first connections that it has, and of one that it refused. */
static void count_some(struct service *service)
{
	static const struct finding finding = {.rule = RULE_sender_registered,
	                                       .outcome = OUTCOME_OVER};
	uint64_t open;

	for (int i = 0; i < 3; i++)
		CHECK(connections_enter(service->connections, i ? "alice" : "bob", 10, &open));
	stats_count(&service->stats->sessions_begun);
	stats_finding(service->stats, AT_MAIL, &finding, false);
	stats_registry(service->stats, "a failure");
}

void serve_status(void)
{
	char error[CONFIG_ERROR_MAX];
	struct config *config;
	struct service *service;

	fflush(NULL);
	if (fork() != 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	config = config_load("conf", error);
	CHECK_NOTE(config, error);
	service = service_new(config, PLACE_NOW);
	CHECK(service);
	count_some(service);
	CHECK(status_start(config->control_socket,
	                   &(struct status_sources){.config_file = "conf", .service = service}));
	for (;;)
		pause();
}
