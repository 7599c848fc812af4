#!/usr/bin/env bash
# Run once by PostgreSQL's image, on an empty data folder: the role that the services log in as. It may append and
# read events, and no more; the schema belongs to whoever migrates.
set -euo pipefail

psql --set ON_ERROR_STOP=1 --set password="$(cat "${SERVICE_PASSWORD_FILE:-/run/secrets/service_password}")" \
    --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE docket_service NOLOGIN;
CREATE ROLE docket LOGIN PASSWORD :'password' IN ROLE docket_service;
SQL
