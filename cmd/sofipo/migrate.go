package main

import (
	"context"
	"fmt"
)

type migrateCommand struct {
	settings `embed:""`
}

// Run migrates the schema in every profile, and encrypts what is in clear.
func (c *migrateCommand) Run(ctx context.Context) error {
	c.Migrate, c.encryptAgain = "on", true
	database, err := openDatabase(ctx, &c.settings, c.logger())
	if err != nil {
		return err
	}
	defer database.Close()
	fmt.Println("the schema is up to date")
	return nil
}
