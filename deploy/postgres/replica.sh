#!/bin/bash
# Starts a streaming replica. The first start copies the primary; later starts
# keep the data and continue. An interrupted copy starts again, because the data
# folder is created only when its copy is complete. The replica also copies the
# primary again if it was down for so long that the primary has discarded the
# log (max_slot_wal_keep_size). Arguments are passed to the server.
#
# Environment: PGDATA (its parent folder must be writable and on one file
# system), POSTGRES_PRIMARY_HOST, POSTGRES_PRIMARY_PORT (5432),
# POSTGRES_REPLICA_USER, POSTGRES_REPLICA_PASSWORD, PGPASSFILE (the file in
# which the server finds the password).
set -euo pipefail
: "${PGDATA:?}" "${POSTGRES_PRIMARY_HOST:?}" "${POSTGRES_REPLICA_USER:?}" "${POSTGRES_REPLICA_PASSWORD:?}"
export PGPASSFILE=${PGPASSFILE:-/var/lib/postgresql/replica.pgpass}
slot=sofipo_replica
partial=$PGDATA.partial
primary="host=$POSTGRES_PRIMARY_HOST port=${POSTGRES_PRIMARY_PORT:-5432} user=$POSTGRES_REPLICA_USER application_name=$slot connect_timeout=5"

say() { echo "replica: $*" >&2; }

# Containers start as root: make the folders usable and continue as postgres.
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$(dirname "$PGDATA")" "$(dirname "$PGPASSFILE")"
  chown postgres:postgres "$(dirname "$PGDATA")" "$(dirname "$PGPASSFILE")"
  exec gosu postgres "$0" "$@"
fi

# Format of the password file: host:port:database:user:password, with ":" and
# "\" escaped.
write_password() {
  local password=${POSTGRES_REPLICA_PASSWORD//\\/\\\\}
  (umask 077 && printf '*:*:*:%s:%s\n' "${POSTGRES_REPLICA_USER//:/\\:}" "${password//:/\\:}" > "$PGPASSFILE")
}

ask() { psql --no-psqlrc --no-password --tuples-only --no-align --quiet --dbname "$primary dbname=postgres" --command "$1"; }

# Drops the slot if it is invalid, and creates it if it does not exist.
ensure_slot() {
  ask "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
       WHERE slot_name = '$slot' AND wal_status = 'lost'" > /dev/null
  ask "SELECT pg_create_physical_replication_slot('$slot')
       WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '$slot')" > /dev/null
}

copy() {
  rm -rf "$partial"
  ensure_slot && pg_basebackup --no-password --dbname "$primary" --pgdata "$partial" --slot "$slot" \
    --wal-method stream --checkpoint fast --write-recovery-conf
}

# Data are discarded only if the primary says so, not if it cannot be reached.
is_lost() { [ "$(ask "SELECT wal_status FROM pg_replication_slots WHERE slot_name = '$slot'" 2> /dev/null)" = lost ]; }

write_password
if [ -s "$PGDATA/PG_VERSION" ] && is_lost; then
  say "the primary no longer has the log that this replica needs: copying it again"
  rm -rf "$PGDATA"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  until copy; do
    say "no copy of $POSTGRES_PRIMARY_HOST yet, trying again in 2 s"
    sleep 2
  done
  rm -rf "$PGDATA"
  mv --no-target-directory "$partial" "$PGDATA"
  sync "$(dirname "$PGDATA")"
  say "copied $POSTGRES_PRIMARY_HOST"
fi
exec postgres -D "$PGDATA" "$@"
