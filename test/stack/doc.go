// Package stack starts the services that sofipo works with, for tests, benchmarks and
// development: PostgreSQL with a streaming replica, Redis, RabbitMQ and a CouchDB-protocol
// server, all on free ports of 127.0.0.1 and in one temporary folder. Missing programs are
// installed with apt-get and npm. Services that already run on the machine are not used or
// changed. Linux only.
//
// No service outlives the program that called [Start], even if the program is killed: the
// kernel signals each service when its parent dies, and a small guard process kills frozen
// services and removes the folder.
//
// A whole test run can share one PostgreSQL and one RabbitMQ. The command
// test/stack/cmd/stack starts them and sets SOFIPO_TEST_STACK. [Start] then uses them, with
// separate databases and a separate RabbitMQ virtual host for each Stack. Redis and the
// CouchDB-protocol server start in less than two seconds and are never shared. Tests that
// stop, kill or freeze PostgreSQL or RabbitMQ must use [StartOwn].
//
// The CouchDB-protocol server is express-pouchdb on LevelDB with Basic authentication. It
// differs from CouchDB: documents have no size limit, an empty _id is replaced by a random
// one, errors may come first in a bulk answer, _find has no bookmark, sequence numbers are
// integers, integers over 2^53 are rounded, and there are no users, _security, partitions,
// cookie sessions or built-in _changes filters.
package stack
