#!/bin/sh
# Creates the account and the database of sofipo. Patroni runs it once, on the first
# leader of a new cluster, with the superuser's connection string as the argument.
#
# Environment: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB, as in .env.
set -eu
: "${1:?}" "${POSTGRES_USER:?}" "${POSTGRES_PASSWORD:?}" "${POSTGRES_DB:?}"

# psql reads the password from the environment: it is on no command line.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "$1" <<'SQL'
\getenv user POSTGRES_USER
\getenv password POSTGRES_PASSWORD
\getenv database POSTGRES_DB
SET password_encryption = 'scram-sha-256';
CREATE ROLE :"user" LOGIN CREATEDB PASSWORD :'password';
GRANT pg_monitor TO :"user";
CREATE DATABASE :"database" OWNER :"user";
SQL
