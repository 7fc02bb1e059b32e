#!/bin/bash
# Prepares a new primary for its replica: the replication account, the networks
# that may connect with it, and the slot that keeps the log for the replica. The
# postgres image runs it once, when the database is created.
#
# Environment: PGDATA, POSTGRES_USER, POSTGRES_DB, POSTGRES_REPLICA_USER,
# POSTGRES_REPLICA_PASSWORD; if the server is not on its default socket, also
# libpq's PGHOST, PGPORT and PGPASSWORD.
set -euo pipefail
: "${POSTGRES_REPLICA_USER:?}" "${POSTGRES_REPLICA_PASSWORD:?}"

# psql reads the password from the environment, so no command line shows it.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv user POSTGRES_REPLICA_USER
\getenv password POSTGRES_REPLICA_PASSWORD
SET password_encryption = 'scram-sha-256';
CREATE ROLE :"user" LOGIN REPLICATION PASSWORD :'password';
\o /dev/null
SELECT pg_create_physical_replication_slot('sofipo_replica');
SQL

# samenet: only addresses in the networks of this machine.
printf 'host replication "%s" samenet scram-sha-256\n' "$POSTGRES_REPLICA_USER" >> "$PGDATA/pg_hba.conf"
psql --no-psqlrc --quiet --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --output /dev/null \
  --command 'SELECT pg_reload_conf()'
