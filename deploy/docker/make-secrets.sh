#!/bin/sh
# Makes the files that compose.yaml hands to the containers, where they are missing: the key of the web, a password for
# each user of NATS and each role of PostgreSQL, the addresses that hold them, and a file for each provider's key, empty
# until somebody puts one in. What is there stays; for another password delete its file and run this again.
#
# Only this folder's owner can enter it; the files can be read by all, since the users inside the containers are others.
set -eu
umask 022
cd "$(dirname "$0")"
mkdir -p secrets
chmod 700 secrets
cd secrets

# Needs no quotes anywhere: NATS takes what begins with a digit for a number.
random() { LC_ALL=C tr -dc 'a-zA-Z' </dev/urandom | head -c 1; LC_ALL=C tr -dc 'a-zA-Z0-9' </dev/urandom | head -c 39; }

password() { # FILE ADDRESS-FILE ADDRESS with % in the password's place
    if [ ! -s "$1" ]; then
        printf '%s\n' "$(random)" >"$1"
        rm -f "$2"
    fi
    [ -s "$2" ] || printf '%s\n' "${3%%%*}$(cat "$1")${3#*%}" >"$2"
}

[ -s api-key ] || printf '%s\n' "$(random)" >api-key

password database-password database-url 'postgresql://metarr:%@postgres:5432/metarr'
password database-writer-password database-writer-url 'postgresql://metarr_writer:%@postgres:5432/metarr'
password database-reader-password database-reader-url 'postgresql://metarr_reader:%@postgres:5432/metarr'

: >nats-passwords.new
for user in setup gateway enricher scheduler projector operator; do
    password "nats-$user" "nats-url-$user" "nats://$user:%@nats:4222"
    variable=METARR_NATS_PASSWORD_$(printf %s "$user" | tr '[:lower:]' '[:upper:]')
    printf '%s=%s\n' "$variable" "$(cat "nats-$user")" >>nats-passwords.new
done
mv nats-passwords.new nats-passwords

for key in tmdb-key omdb-key fanart-key; do
    [ -e "$key" ] || : >"$key"
done
echo "$(pwd): $(ls | tr '\n' ' ')"
