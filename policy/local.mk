# policy judges: pure functions over facts and limits.

noinst_LIBRARIES += policy/libpolicy.a
policy_libpolicy_a_SOURCES = \
	policy/address.c policy/address.h \
	policy/facts.h \
	policy/limits.c \
	policy/network.c policy/network.h \
	policy/reply.c \
	policy/rules.c policy/rules.def policy/rules.h
policy_libpolicy_a_CFLAGS = $(AM_CFLAGS) $(IDN2_CFLAGS)
POLICY_LIBS = policy/libpolicy.a $(IDN2_LIBS) $(UNISTRING_LIBS)
