#!/bin/bash
# Starts PostgreSQL, with the settings in postgresql.conf beside this script:
#
#   start.sh primary [ARGUMENTS]      starts the primary
#   start.sh replica [ARGUMENTS]      starts its streaming replica
#   start.sh health primary|replica   fails, with the reason, unless the server can serve
#
# The first start prepares the data: the primary creates the database, the replication
# account and the slot that keeps the log for the replica; the replica copies the primary.
# It prepares them in another folder, which it renames when they are complete, so a first
# start that was interrupted starts again. Later starts keep the data. The replica also
# copies the primary again if it was down for so long that the primary has discarded the
# log (max_slot_wal_keep_size). ARGUMENTS are passed to the server.
#
# Environment: PGDATA (its parent folder must be writable and on one file system),
# POSTGRES_REPLICA_USER, POSTGRES_REPLICA_PASSWORD; for the primary POSTGRES_USER,
# POSTGRES_PASSWORD, POSTGRES_DB, and PGPORT (5432); for the replica
# POSTGRES_PRIMARY_HOST, POSTGRES_PRIMARY_PORT (5432), and PGPASSFILE (the file in which
# the server finds the password).
set -euo pipefail
command=${1:-}
shift || true
: "${PGDATA:?}" "${POSTGRES_REPLICA_USER:?}" "${POSTGRES_REPLICA_PASSWORD:?}"
export PGPASSFILE=${PGPASSFILE:-/var/lib/postgresql/replica.pgpass}
folder=$(dirname "$0")
partial=$PGDATA.partial
slot=sofipo_replica

say() { echo "$command: $*" >&2; }

# A process 1 ignores signals that it does not handle, and a shell handles them only
# between two commands. Therefore slow commands run in the background, each as a group of
# processes of its own (set -m), and a signal ends the group and the script.
set -m
job=
trap 'kill -TERM -- ${job:+-$job} 2> /dev/null; exit 143' INT TERM
interruptible() {
  "$@" &
  job=$!
  wait "$job"
}

# Earlier versions kept the primary's data in the parent folder.
if [ -s "$(dirname "$PGDATA")/PG_VERSION" ]; then
  PGDATA=$(dirname "$PGDATA")
fi

# continue_as_postgres is for containers, which start as root. It makes the folders usable
# and continues with copies of the files, which may be readable for their owner only.
continue_as_postgres() {
  mkdir -p "$(dirname "$PGDATA")" "$(dirname "$PGPASSFILE")"
  chown postgres:postgres "$(dirname "$PGDATA")" "$(dirname "$PGPASSFILE")"
  install -D --mode 755 "$0" /usr/local/share/sofipo/start.sh
  install -D --mode 644 "$folder/postgresql.conf" /usr/local/share/sofipo/postgresql.conf
  exec gosu postgres /usr/local/share/sofipo/start.sh "$command" "$@"
}

# keep moves complete data to their place.
keep() {
  rm -rf "$PGDATA"
  mv --no-target-directory "$partial" "$PGDATA"
  sync "$(dirname "$PGDATA")"
}

serve() { exec postgres -D "$PGDATA" -c config_file="$folder/postgresql.conf" "$@"; }

# create prepares a new primary, with a server that nobody else can reach. psql reads the
# passwords from the environment, so no command line shows them. samenet: only addresses
# in the networks of this machine.
create() {
  rm -rf "$partial"
  initdb --pgdata "$partial" --username "$POSTGRES_USER" --pwfile <(printf '%s\n' "$POSTGRES_PASSWORD") \
    --encoding UTF8 --auth-local trust --auth-host scram-sha-256 --data-checksums > /dev/null
  printf 'host all all all scram-sha-256\nhost replication "%s" samenet scram-sha-256\n' "$POSTGRES_REPLICA_USER" >> "$partial/pg_hba.conf"
  postgres -D "$partial" -c config_file="$folder/postgresql.conf" "$@" -c listen_addresses= -c unix_socket_directories="$partial" &
  local server=$!
  until pg_isready --quiet --host "$partial" --username "$POSTGRES_USER" --dbname postgres; do
    kill -0 "$server"
    sleep 0.1
  done
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --host "$partial" --username "$POSTGRES_USER" --dbname postgres --output /dev/null --set slot="$slot" << 'SQL'
\getenv database POSTGRES_DB
\getenv user POSTGRES_REPLICA_USER
\getenv password POSTGRES_REPLICA_PASSWORD
SELECT format('CREATE DATABASE %I', :'database') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
CREATE ROLE :"user" LOGIN REPLICATION PASSWORD :'password';
SELECT pg_create_physical_replication_slot(:'slot');
SQL
  kill -INT "$server"
  wait "$server"
}

primary() {
  : "${POSTGRES_USER:?}" "${POSTGRES_PASSWORD:?}" "${POSTGRES_DB:?}"
  if [ ! -s "$PGDATA/PG_VERSION" ]; then
    interruptible create "$@"
    keep
    say "created the database $POSTGRES_DB and the replication account $POSTGRES_REPLICA_USER"
  fi
  serve "$@"
}

# health checks a server. It connects over TCP, as the program does, and not before the
# server is ready, because the server would log a fatal error.
health() {
  local ready hint="if .env changed after the first start, change the database too (docs/operations.md)"
  ready=$(sed -n 8p "$PGDATA/postmaster.pid" 2> /dev/null || true)
  if [ "${ready%% *}" != ready ]; then
    say "the $1 is starting"
    return 1
  fi
  if [ "$1" = replica ]; then
    pg_isready --quiet --host 127.0.0.1 --username "$POSTGRES_REPLICA_USER" --dbname postgres
    return
  fi
  if ! ready=$(PGPASSWORD=$POSTGRES_PASSWORD psql --no-psqlrc --tuples-only --no-align --host 127.0.0.1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set account="$POSTGRES_REPLICA_USER" <<< "SELECT count(*) FROM pg_roles WHERE rolreplication AND rolname = :'account'"); then
    say "cannot use the database $POSTGRES_DB as $POSTGRES_USER; $hint"
    return 1
  fi
  if [ "$ready" != 1 ]; then
    say "the replication account $POSTGRES_REPLICA_USER does not exist; $hint"
    return 1
  fi
}

# Format of the password file: host:port:database:user:password, with ":" and
# "\" escaped.
write_password() {
  local password=${POSTGRES_REPLICA_PASSWORD//\\/\\\\}
  (umask 077 && printf '*:*:*:%s:%s\n' "${POSTGRES_REPLICA_USER//:/\\:}" "${password//:/\\:}" > "$PGPASSFILE")
}

ask() { psql --no-psqlrc --no-password --tuples-only --no-align --quiet --dbname "$source dbname=postgres" --command "$1"; }

# ensure_slot drops the slot if it is invalid, and creates it if it does not exist.
ensure_slot() {
  ask "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
       WHERE slot_name = '$slot' AND wal_status = 'lost'" > /dev/null
  ask "SELECT pg_create_physical_replication_slot('$slot')
       WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '$slot')" > /dev/null
}

copy() {
  rm -rf "$partial"
  ensure_slot && pg_basebackup --no-password --dbname "$source" --pgdata "$partial" --slot "$slot" \
    --wal-method stream --checkpoint fast --write-recovery-conf
}

# is_lost reports whether the primary has discarded the log that the replica needs. It
# does not if the primary cannot be reached.
is_lost() { [ "$(ask "SELECT wal_status FROM pg_replication_slots WHERE slot_name = '$slot'" 2> /dev/null)" = lost ]; }

replica() {
  : "${POSTGRES_PRIMARY_HOST:?}"
  source="host=$POSTGRES_PRIMARY_HOST port=${POSTGRES_PRIMARY_PORT:-5432} user=$POSTGRES_REPLICA_USER application_name=$slot connect_timeout=5"
  write_password
  if [ -s "$PGDATA/PG_VERSION" ] && interruptible is_lost; then
    say "the primary no longer has the log that this replica needs: copying it again"
    rm -rf "$PGDATA"
  fi
  if [ ! -s "$PGDATA/PG_VERSION" ]; then
    until interruptible copy; do
      say "no copy of $POSTGRES_PRIMARY_HOST yet, trying again in 2 s"
      interruptible sleep 2
    done
    keep
    say "copied $POSTGRES_PRIMARY_HOST"
  fi
  serve "$@"
}

case $command in
  primary | replica)
    if [ "$(id -u)" = 0 ]; then
      continue_as_postgres "$@"
    fi
    "$command" "$@"
    ;;
  health) health "$@" ;;
  *)
    echo "start.sh: got ${command:-no command}, want primary, replica or health" >&2
    exit 2
    ;;
esac
