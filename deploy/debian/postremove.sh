#!/bin/sh
# The data stay: /var/lib/sofipo and, in secret.env, the key that signs sessions.
set -e
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi
if [ "$1" = purge ]; then
  deb-systemd-helper purge sofipo.service sofipo-consume.service >/dev/null
  echo "sofipo: the data in /var/lib/sofipo and /etc/sofipo/secret.env were kept; delete them yourself"
fi
