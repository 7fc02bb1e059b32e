package cache

import (
	"crypto/sha1"
	"encoding/hex"
)

// script is a Lua script, which Redis runs whole before anything else: so
// reading what is there and replacing it are one step.
type script struct{ text, sha1 string }

func newScript(text string) script {
	sum := sha1.Sum([]byte(text)) // the name that EVALSHA wants
	return script{text: text, sha1: hex.EncodeToString(sum[:])}
}

// tokenOf gives the token of a value, false for a value of another form.
const tokenOf = `
local function token_of(value)
  local at = value and string.match(value, '^(%x+)|')
  return at and #at == 16 and at
end
`

// fillScript: KEYS the key and the floor; ARGV token, value, ttl and MarkFor
// in milliseconds. 1 if the value was kept.
var fillScript = newScript(tokenOf + `
local floor = redis.call('GET', KEYS[2])
if floor and ARGV[1] < floor then return 0 end
local at = token_of(redis.call('GET', KEYS[1]))
if at and (ARGV[1] < at or tonumber(ARGV[3]) < tonumber(ARGV[4])) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`)

// forgetScript: KEYS the keys; ARGV token and MarkFor in milliseconds. A value
// of the token or a newer one stays if it lives as long as its mark would.
var forgetScript = newScript(tokenOf + `
for _, key in ipairs(KEYS) do
  local at = token_of(redis.call('GET', key))
  if not (at and at >= ARGV[1] and redis.call('PTTL', key) >= tonumber(ARGV[2])) then
    local newest = at and at > ARGV[1] and at or ARGV[1]
    redis.call('SET', key, newest .. '|', 'PX', ARGV[2])
  end
end
return 1
`)

// raiseScript: KEYS the floor; ARGV token and its life in milliseconds.
var raiseScript = newScript(`
local old = redis.call('GET', KEYS[1])
local newest = old and old > ARGV[1] and old or ARGV[1]
redis.call('SET', KEYS[1], newest, 'PX', ARGV[2])
return 1
`)
