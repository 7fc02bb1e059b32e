package clients

import (
	"iter"

	"sofipo/bank"
	screens "sofipo/bank/screening"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/screening"
)

// Lookups of the client of a loan and of the client's file.
var (
	clientOfLoan = bank.DeclareLookup(bank.Lookup[id.ID, client.Client, id.ID]{Table: Clients, Column: "id",
		Via: &bank.Via{Table: "loans", Column: "id", Columns: []string{"client_id"}, Own: []string{"id"}}})
	fileOfLoan = bank.DeclareLookup(bank.Lookup[id.ID, StoredFile, id.ID]{Table: Files, Column: "client_id",
		Via: &bank.Via{Table: "loans", Column: "id", Columns: []string{"client_id"}, Own: []string{"client_id"}}})
)

// personOf returns what the lists are compared with. The CURP is a blind index, and
// empty if it is generic.
func personOf(by blinder, c client.Client, f client.File) screening.Person {
	return screening.Person{Name: c.FullName, RFC: c.RFC, CURP: screens.BlindCURP(by, f.CURP), Born: f.BirthDate}
}

// followScreening loads the keys of the lists that the loaded clients match, if a command needs
// them.
func followScreening(b *bank.Book, from *bank.Store, loaded iter.Seq[*client.Client]) error {
	if !screens.Keys.Asked(b) {
		return nil
	}
	var people []screening.Person
	for c := range loaded {
		people = append(people, personOf(b, *c, stated(b, c.ID)))
	}
	return screens.FetchKeys(b, from, people)
}

// stated returns the file of a client, which is empty if there is none.
func stated(b *bank.Book, clientID id.ID) client.File {
	if f := Files.At(b, clientID); f != nil {
		return f.File
	}
	return client.File{}
}

// NeedScreening requests what Screened needs of a client that the command requests too.
func NeedScreening(n *bank.Needs, clientID id.ID) {
	fileOf.Need(n, clientID)
	screens.NeedClient(n, clientID)
}

// NeedScreeningOf requests what Screened needs of the client of a loan.
func NeedScreeningOf(n *bank.Needs, loanID id.ID) {
	clientOfLoan.Need(n, loanID)
	fileOfLoan.Need(n, loanID)
	screens.NeedLoan(n, loanID)
}

// Screened compares the client of a disbursement with the lists. Refused with
// screening.Blocked.
func Screened(b *bank.Book, clientID id.ID, operation string) error {
	c, err := Find(b, clientID)
	if err != nil {
		return err
	}
	who := screens.Subject{Person: personOf(b, c, stated(b, clientID)), Client: clientID, Operation: operation}
	_, err = screens.Check(b, who, screens.Paying)
	return err
}

// compared compares a client who is registered or changed with the lists, unless nothing
// changed that they are compared by. Before is nil for a new client. Refused with
// screening.Blocked.
func compared(b *bank.Book, before *screening.Person, after screening.Person, clientID id.ID, operation string) error {
	if before != nil && *before == after {
		return nil
	}
	who := screens.Subject{Person: after, Client: clientID, New: before == nil, Operation: operation}
	_, err := screens.Check(b, who, screens.Registering)
	return err
}
