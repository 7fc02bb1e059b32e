#!/bin/sh
set -e
if [ "$1" = configure ]; then
  if ! getent passwd sofipo >/dev/null; then
    adduser --system --group --home /var/lib/sofipo --no-create-home --gecos "sofipo core banking" sofipo
  fi
  install -d -m 0700 -o sofipo -g sofipo /var/lib/sofipo
  if [ ! -e /etc/sofipo/secret.env ]; then
    (umask 027 && printf 'API_SECRET_KEY=%s\n' "$(head -c 48 /dev/urandom | base64 -w 0)" >/etc/sofipo/secret.env)
  fi
  chown root:sofipo /etc/sofipo/secret.env /etc/sofipo/sofipo.env
  if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    if [ -n "$2" ]; then
      # An upgrade: the administrator backs up, migrates and restarts; see operations.md, "Upgrading".
      echo "sofipo was upgraded from $2. The running server is the old program until: systemctl restart sofipo"
    else
      systemctl enable sofipo.service
      echo "sofipo is installed. Look at /etc/sofipo/sofipo.env, then: systemctl start sofipo"
    fi
  fi
fi
