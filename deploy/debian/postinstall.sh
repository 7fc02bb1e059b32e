#!/bin/sh
set -e
if [ "$1" = configure ]; then
  if ! getent passwd sofipo >/dev/null; then
    adduser --system --group --home /var/lib/sofipo --no-create-home --gecos "sofipo core banking" sofipo
  fi
  install -d -m 0700 -o sofipo -g sofipo /var/lib/sofipo
  if [ ! -s /etc/sofipo/secret.env ]; then
    key=$(head -c 48 /dev/urandom | base64 -w 0)
    (umask 027 && printf 'API_SECRET_KEY=%s\n' "$key" >/etc/sofipo/secret.env.new)
    mv /etc/sofipo/secret.env.new /etc/sofipo/secret.env
  fi
  for file in secret.env sofipo.env; do
    if [ -e "/etc/sofipo/$file" ]; then
      chown root:sofipo "/etc/sofipo/$file"
    fi
  done
  # deb-systemd-helper needs no running systemd, and respects an administrator who disabled the unit.
  if deb-systemd-helper --quiet was-enabled sofipo.service; then
    deb-systemd-helper enable sofipo.service >/dev/null
  fi
  deb-systemd-helper update-state sofipo.service sofipo-consume.service >/dev/null
  if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
  fi
  if [ -n "$2" ]; then
    # The administrator backs up, migrates and restarts; see operations.md, "Upgrading".
    echo "sofipo was upgraded from $2. A running server is the old program until: systemctl restart sofipo"
  else
    echo "sofipo is installed. Look at /etc/sofipo/sofipo.env, then: systemctl start sofipo"
  fi
fi
