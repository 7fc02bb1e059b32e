// Package stack starts the real services that sofipo works with, for tests,
// benchmarks and a developer's own use: PostgreSQL with a streaming replica,
// Redis, RabbitMQ and a CouchDB-protocol server, all on free ports of
// 127.0.0.1 and in one temporary folder. What is not installed is installed
// with apt-get and npm; instances that already run on the machine are neither
// used nor disturbed. Linux only.
//
// No process outlives the program that called [Start], even when that program
// is killed: the kernel signals each service when its starter dies, and a small
// guard process kills what was frozen and removes the folder.
//
// A whole test run can share one PostgreSQL and one RabbitMQ: the command
// test/stack/cmd/stack starts them and names them in SOFIPO_TEST_STACK. [Start]
// then attaches, and each Stack has its own databases and its own RabbitMQ
// virtual host. Redis and the CouchDB-protocol server start in well under two
// seconds and are always the Stack's own. Tests that stop, kill or freeze
// PostgreSQL or RabbitMQ use [StartOwn].
//
// The CouchDB-protocol server is express-pouchdb on LevelDB behind Basic auth.
// It differs from CouchDB: no limit on a document's size, an empty _id becomes
// a random one, errors may come first in a bulk answer, _find has no bookmark,
// sequence numbers are integers, integers over 2^53 are rounded, and there are
// no users, _security, partitions, cookie sessions or built-in _changes filters.
package stack
