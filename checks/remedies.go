package checks

// ofBooks says what to do about wrong rows in the stored books. The program never repairs them.
const ofBooks = "Keep the database as it is and take a backup of it. Restore the newest backup that the doctor accepts to another place, " +
	"compare the two, and correct the difference with reversals and manual entries. Report it: it is a fault of the program or of the disk."

// remedies says what to do about the checks that do not concern the stored books, by name.
var remedies = map[string]string{
	timeLimit:                                       "Check that the database and the event log answer. If they do and have much to read, allow more time with --limit.",
	"versions":                                      "Upgrade PostgreSQL to version 15 or later.",
	"the database is a primary":                     "Point DATABASE_URL at the primary, or name all nodes in it and add target_session_attrs=read-write.",
	"commits wait for a standby":                    "Turn synchronous replication on: synchronous_mode of Patroni, or synchronous_standby_names of PostgreSQL.",
	"epochs of the chain":                           "Check that the database answers, and run the doctor again.",
	"the clock is right":                            "Run a time service such as chrony on this machine and on the database's, and wait until both clocks agree.",
	"disk":                                          "Free space, or move the folder to a larger disk. Writes are accepted again without a restart.",
	"files of the database":                         "Stop the server, copy the files elsewhere, and restore the newest backup. Check the disk.",
	"file of the event log":                         "Stop the server, move events.db away, start it and run \"sofipo events republish\"; older events are in the backups.",
	"the event log has only events":                 "Find the program that writes to the event log, and delete its documents.",
	"events waiting in the outbox":                  "See that RabbitMQ answers and that a server runs; events wait in the database until then.",
	"dead letters":                                  "Read the reasons with \"sofipo dead-letters --show 20\", remove the cause, and run \"sofipo dead-letters --replay\".",
	"event log reaches the end of the chain":        "Look in the table of docs/operations.md under \"What the doctor says\" for what the message says.",
	"event chain":                                   "Look in the table of docs/operations.md under \"What the doctor says\" for what the message says.",
	"the journal is as it was sealed":               "Somebody wrote to the database past the program. Keep it as it is, and compare the named rows with a backup.",
	"personal data are encrypted and can be opened": "Run \"sofipo migrate\" if values are in clear. If values do not open, set the key that they were encrypted with.",
	"detached months of the journal":                "A command was interrupted: run \"sofipo journal detach\" or \"sofipo journal attach\" again for this month.",
	"new rows of the journal are sealed":            "Look in the log of the servers for why the sealing failed. The next sealing takes all rows that wait.",
	"the documents of clients have their bytes":     "Copy the named files from a backup to the store of files.",
	"no asset or liability is overdrawn":            "Look for a missing entry, such as recorded capital or a transfer between bank accounts.",
	"business days are closed in order":             "Run \"sofipo close\"; it continues where the last close ended.",
}

// Remedy says what to do if the check fails.
func (c Check) Remedy() string {
	if remedy, known := remedies[c.Name]; known {
		return remedy
	}
	return ofBooks
}

// Remedies returns all the remedies, for catalogues.
func Remedies() []string {
	all := []string{ofBooks}
	for _, remedy := range remedies {
		all = append(all, remedy)
	}
	return all
}
