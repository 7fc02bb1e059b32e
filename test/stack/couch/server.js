// A CouchDB-protocol server for sofipo's tests: express-pouchdb on LevelDB,
// behind Basic auth, on the loopback address only. It is not CouchDB: see the
// package comment of test/stack for where the two differ.
//
// Environment: PORT, DATA (folder), COUCHDB_USER, COUCHDB_PASSWORD.
// /_up answers without a password, as CouchDB's does.
'use strict';

const crypto = require('crypto');
const path = require('path');
const express = require('express');
const expressPouchDB = require('express-pouchdb');
const PouchDB = require('pouchdb');

const { PORT, DATA, COUCHDB_USER, COUCHDB_PASSWORD } = process.env;
const wanted = 'Basic ' + Buffer.from(`${COUCHDB_USER}:${COUCHDB_PASSWORD}`).toString('base64');
const digest = (text) => crypto.createHash('sha256').update(text).digest();

function authorized(req, res, next) {
  if (crypto.timingSafeEqual(digest(req.get('authorization') || ''), digest(wanted))) return next();
  res.set('WWW-Authenticate', 'Basic realm="couch test server"');
  res.status(401).json({ error: 'unauthorized', reason: 'You are not authorized to access this db.' });
}

// The built-in filters of _changes end the process in express-pouchdb.
function noBuiltInFilter(req, res, next) {
  if (!String(req.query.filter || '').startsWith('_')) return next();
  res.status(501).json({ error: 'not_implemented', reason: 'The test server has no built-in filters.' });
}

const couch = expressPouchDB({
  mode: 'minimumForPouchDB',
  inMemoryConfig: true,
  overrideMode: { include: ['config-infrastructure', 'routes/find', 'validation', 'routes/uuids', 'routes/ddoc-info'] },
});

const app = express();
app.disable('x-powered-by');
app.get('/_up', (req, res) => res.json({ status: 'ok' }));
app.use(authorized, noBuiltInFilter, couch);

// Requests that come before setPouchDB is done fail, so listen after it.
couch.setPouchDB(PouchDB.defaults({ prefix: DATA + path.sep })).then(() => {
  const server = app.listen(Number(PORT), '127.0.0.1');
  process.on('SIGTERM', () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
});
