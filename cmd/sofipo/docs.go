package main

import (
	"os"

	"sofipo/api"
)

type docsCommand struct {
	Document string `arg:"" enum:"openapi,asyncapi" help:"Document to print: openapi or asyncapi."`
}

// Run prints the document as JSON.
func (c *docsCommand) Run() error {
	document := api.OpenAPI()
	if c.Document == "asyncapi" {
		document = api.AsyncAPI()
	}
	_, err := os.Stdout.Write(append(document, '\n'))
	return err
}
