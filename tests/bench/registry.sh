# Registries for the benchmarks, straight into the schema that `postreeve init' made, since an
# import logs each of its changes. Sourced behind daemon.sh. POSIX sh.
# shellcheck shell=sh disable=SC2154

# registry_fill ACCOUNTS: a1 and so on, each of which sends as a1@example.com.
registry_fill() {
	sqlite3 "$DATABASE" <<-END >/dev/null
		PRAGMA journal_mode = OFF;
		PRAGMA synchronous = OFF;
		PRAGMA foreign_keys = OFF;
		PRAGMA cache_size = -1000000;
		BEGIN;
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		INSERT INTO account (id, name, profile, created) SELECT 1000 + i, 'a' || i, 'default', 1 FROM n;
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		INSERT INTO sender_grant (account, pattern, created)
		SELECT 1000 + i, 'a' || i || '@example.com', 1 FROM n;
		COMMIT;
		PRAGMA journal_mode = WAL;
	END
	registry_give
}

# registry_patterns N: alice gets so many more.
registry_patterns() {
	sqlite3 "$DATABASE" <<-END
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		INSERT INTO sender_grant (account, pattern, created)
		SELECT a.id, 'x' || i || '@example.com', 1 FROM n, account a WHERE a.name = 'alice';
	END
	registry_give
}

# The daemon's user's again.
registry_give() {
	[ "$(id -u)" -ne 0 ] || chown -R "$user" "$dir/db"
}
