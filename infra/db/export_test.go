package db

import (
	"context"
	"time"
)

// MigrateAsBefore runs the migrations up to a version and counts them where programs
// before the journal did.
func (d *DB) MigrateAsBefore(ctx context.Context, version int64) error {
	m, err := d.migrator(versionTableBefore)
	if err != nil {
		return err
	}
	defer m.close()
	_, err = m.provider.UpTo(ctx, version)
	return err
}

// VersionBefore is the last migration that was run, as programs before the journal
// count them; 0 if none was.
func (d *DB) VersionBefore(ctx context.Context) (int64, error) {
	m, err := d.migrator(versionTableBefore)
	if err != nil {
		return 0, err
	}
	defer m.close()
	version, _, err := m.provider.GetVersions(ctx)
	return version, err
}

// Unwritable reports whether the disk refused the last write.
func (d *DB) Unwritable() bool { return d.unwritable.Load() }

// EnoughSpace is enoughSpace.
var EnoughSpace = enoughSpace

// MigrateTo runs the migrations up to a version.
func (d *DB) MigrateTo(ctx context.Context, version int64) error {
	m, err := d.migrator(versionTable)
	if err != nil {
		return err
	}
	defer m.close()
	_, err = m.provider.UpTo(ctx, version)
	return err
}

// SetKeyDelay sets the time after which a new key is used, until the returned function is called.
func SetKeyDelay(d time.Duration) (reset func()) {
	before, wait := keyDelay, keyWait
	keyDelay, keyWait = d, d
	return func() { keyDelay, keyWait = before, wait }
}
