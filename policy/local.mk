# policy judges: pure functions over facts and limits.

noinst_LIBRARIES += policy/libpolicy.a
policy_libpolicy_a_SOURCES = \
	policy/address.c policy/address.h \
	policy/address_list.c policy/address_list.h \
	policy/count.c policy/count.h \
	policy/delimiter.c policy/delimiter.h \
	policy/embedded.c policy/embedded.h \
	policy/encoded_word.c policy/encoded_word.h \
	policy/facts.h policy/faults.def \
	policy/file_name.c \
	policy/limits.c \
	policy/media.c policy/media.h \
	policy/message.h \
	policy/network.c policy/network.h \
	policy/octets.c policy/octets.h \
	policy/quotas.def \
	policy/reasons.def \
	policy/reply.c \
	policy/rules.c policy/rules.def policy/rules.h \
	policy/tally.c policy/tally.h \
	policy/tally_body.c policy/tally_body.h \
	policy/tally_fields.c policy/tally_fields.h \
	policy/tally_header.c policy/tally_header.h \
	policy/tally_leaf.c policy/tally_leaf.h \
	policy/tally_part.c policy/tally_part.h \
	policy/xtext.c policy/xtext.h
policy_libpolicy_a_CFLAGS = $(AM_CFLAGS) $(IDN2_CFLAGS)
POLICY_LIBS = policy/libpolicy.a $(IDN2_LIBS) $(UNISTRING_LIBS)
