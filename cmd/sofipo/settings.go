package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"sofipo/core/mx"
	"sofipo/document/layout"
)

// The profiles.
const (
	demoProfile       = "demo"
	productionProfile = "production"
)

// settings is the one table of settings: flag, environment variable, default
// and help text. The names of the seed's .env are kept.
type settings struct {
	Profile     string        `env:"SOFIPO_PROFILE" enum:"demo,development,production" default:"development" help:"demo (user admin, password string), development or production (refuses the seed's passwords)."`
	Addr        string        `env:"SOFIPO_ADDR" default:"127.0.0.1:8000" help:"Address to listen on."`
	Data        string        `env:"SOFIPO_DATA" default:"data" help:"Folder of the embedded stores."`
	PublicReads string        `env:"SOFIPO_PUBLIC_READS" enum:"auto,full,off" default:"auto" help:"Whether reading clients, loans and statements needs no token, as in the seed: full or off. auto: full in the demo only."`
	RFCTier     string        `env:"SOFIPO_RFC_TIER" enum:"length,structural,sat_xsd,strict" default:"structural" help:"How strictly an RFC is checked."`
	TimeZone    string        `env:"SOFIPO_TIME_ZONE" default:"America/Mexico_City" help:"Where the business day turns."`
	LogLevel    string        `env:"SOFIPO_LOG_LEVEL" enum:"debug,info,warn,error" default:"info" help:"Least level logged: ${enum}."`
	StartWait   time.Duration `env:"SOFIPO_START_WAIT" default:"60s" help:"How long to wait for the services at the start."`
	Migrate     string        `env:"SOFIPO_MIGRATE" enum:"auto,on,off" default:"auto" help:"Whether serve brings the schema up to date. auto: on, but off on PostgreSQL in production."`
	KeepDays    int           `env:"SOFIPO_KEEP_DAYS" default:"30" help:"Days that relayed outbox rows and idempotency keys are kept."`

	CloseAt        string `env:"SOFIPO_CLOSE_AT" placeholder:"HH:MM" help:"Time in SOFIPO_TIME_ZONE at which serve closes every business day before that day. Empty: never by itself."`
	PositionMonths int    `env:"SOFIPO_POSITION_MONTHS" default:"0" help:"Months of daily positions that are kept besides the running one. 0: all."`

	Institution        string `env:"SOFIPO_INSTITUTION" help:"Name of the institution, as its documents show it."`
	InstitutionRFC     string `env:"SOFIPO_INSTITUTION_RFC" help:"Its RFC."`
	InstitutionAddress string `env:"SOFIPO_INSTITUTION_ADDRESS" help:"Its address."`
	InstitutionPhone   string `env:"SOFIPO_INSTITUTION_PHONE" help:"Its telephone."`
	InstitutionWeb     string `env:"SOFIPO_INSTITUTION_WEB" help:"Its web site."`
	UNEAddress         string `env:"SOFIPO_UNE_ADDRESS" help:"Address of its Unidad Especializada de Atención a Usuarios."`
	UNEPhone           string `env:"SOFIPO_UNE_PHONE" help:"Telephone of the UNE."`
	UNEEmail           string `env:"SOFIPO_UNE_EMAIL" help:"E-mail of the UNE."`

	SecretKey    string `env:"API_SECRET_KEY" help:"Key that signs tokens. Without it the embedded default makes one and keeps it in its folder."`
	OldSecretKey string `env:"API_SECRET_KEY_OLD" help:"Older key whose tokens are still accepted."`
	Algorithm    string `env:"API_ALGORITHM" enum:"HS256" default:"HS256" help:"Algorithm of the tokens: ${enum}."`
	TokenMinutes int    `env:"API_ACCESS_TOKEN_EXPIRE_MINUTES" default:"30" help:"Minutes until a token expires, 1 to 1440."`

	DatabaseURL      string `env:"DATABASE_URL" help:"PostgreSQL primary, postgres://user:password@host:port/name. Without it and POSTGRES_DB: SQLite in the data folder."`
	ReplicaURL       string `env:"DATABASE_REPLICA_URL" help:"PostgreSQL streaming replica for reads."`
	PostgresUser     string `env:"POSTGRES_USER" help:"Together with POSTGRES_DB, in place of DATABASE_URL."`
	PostgresPassword string `env:"POSTGRES_PASSWORD" help:"Password of POSTGRES_USER."`
	PostgresDB       string `env:"POSTGRES_DB" help:"Name of the database."`
	PostgresHost     string `env:"POSTGRES_HOST" default:"postgres-primary" help:"Host of the primary."`
	PostgresPort     int    `env:"POSTGRES_PORT" default:"5432" help:"Port of the primary."`
	PostgresReplica  string `env:"POSTGRES_REPLICA_HOST" default:"postgres-replica" help:"Host of the replica; empty for none."`
	ReplicaPort      int    `env:"POSTGRES_REPLICA_PORT" default:"5432" help:"Port of the replica."`
	ReplicaUser      string `env:"POSTGRES_REPLICA_USER" help:"Replication role; read by the database's own set-up in deploy/, not by sofipo."`
	ReplicaPassword  string `env:"POSTGRES_REPLICA_PASSWORD" help:"Its password; refused in production when it is the seed's."`

	RedisURL  string `env:"REDIS_URL" help:"Redis 7, redis://host:port. Without it and REDIS_HOST: a cache in the process on SQLite, none on PostgreSQL."`
	RedisHost string `env:"REDIS_HOST" help:"Host, in place of REDIS_URL."`
	RedisPort int    `env:"REDIS_PORT" default:"6379" help:"Port of REDIS_HOST."`

	AMQPURL        string `env:"AMQP_URL" help:"RabbitMQ, amqp://user:password@host:port/. Without it, RABBITMQ_HOST and RABBITMQ_DEFAULT_USER: events go straight to the event log."`
	RabbitHost     string `env:"RABBITMQ_HOST" help:"Host, in place of AMQP_URL. rabbitmq when only RABBITMQ_DEFAULT_USER is set."`
	RabbitPort     int    `env:"RABBITMQ_PORT" default:"5672" help:"Port of RABBITMQ_HOST."`
	RabbitUser     string `env:"RABBITMQ_DEFAULT_USER" help:"User; guest when only the host is set."`
	RabbitPassword string `env:"RABBITMQ_DEFAULT_PASS" help:"Password; guest when only the host is set."`

	CouchURL      string `env:"COUCHDB_URL" help:"CouchDB, http://user:password@host:port. Without it, COUCHDB_HOST and COUCHDB_USER: an event log in the data folder."`
	CouchHost     string `env:"COUCHDB_HOST" help:"Host, in place of COUCHDB_URL. couchdb when only COUCHDB_USER is set."`
	CouchPort     int    `env:"COUCHDB_PORT" default:"5984" help:"Port of COUCHDB_HOST."`
	CouchUser     string `env:"COUCHDB_USER" help:"User."`
	CouchPassword string `env:"COUCHDB_PASSWORD" help:"Password."`

	patient bool // of a command whose statements look at everything
	claimed bool // this process has claimed the folder
}

// seedSecrets are published, with the seed or in this repository: no secret at all.
var seedSecrets = []string{
	"5e7c1d5746e7bc750044b2a5a396e49d9afaaa03030b8aa8514ed62deb8279eb", "demo-secret-key-change-me-before-any-real-use", "123", "replicapassword", "guest", "password", "string",
}

// Validate is called by kong after parsing; its message names the setting.
func (s *settings) Validate() error {
	if s.TokenMinutes < 1 || s.TokenMinutes > 1440 {
		return fmt.Errorf("API_ACCESS_TOKEN_EXPIRE_MINUTES is %d: use 1 to 1440", s.TokenMinutes)
	}
	if s.KeepDays < 1 {
		return fmt.Errorf("SOFIPO_KEEP_DAYS is %d: use at least 1", s.KeepDays)
	}
	if _, err := time.Parse(closeAtForm, s.CloseAt); s.CloseAt != "" && err != nil {
		return fmt.Errorf("SOFIPO_CLOSE_AT is %q: use HH:MM, such as 01:30", s.CloseAt)
	}
	if s.PositionMonths < 0 {
		return fmt.Errorf("SOFIPO_POSITION_MONTHS is %d: use 0 for all, or at least 1", s.PositionMonths)
	}
	if _, _, err := net.SplitHostPort(s.Addr); err != nil {
		return fmt.Errorf("SOFIPO_ADDR is %q: use host:port, such as 127.0.0.1:8000", s.Addr)
	}
	if s.Data == "" {
		return errors.New("SOFIPO_DATA is empty: name a folder")
	}
	if _, err := time.LoadLocation(s.TimeZone); err != nil {
		return fmt.Errorf("SOFIPO_TIME_ZONE is %q: use a name such as America/Mexico_City", s.TimeZone)
	}
	for name, value := range map[string]string{
		"DATABASE_URL": s.DatabaseURL, "DATABASE_REPLICA_URL": s.ReplicaURL, "REDIS_URL": s.RedisURL, "AMQP_URL": s.AMQPURL, "COUCHDB_URL": s.CouchURL,
	} {
		if err := checkURL(name, value); err != nil {
			return err
		}
	}
	if s.PostgresDB != "" && s.PostgresUser == "" {
		return errors.New("POSTGRES_DB is set but POSTGRES_USER is not")
	}
	if s.InstitutionRFC != "" {
		if _, err := mx.ParseRFC(s.InstitutionRFC, mx.TierStructural); err != nil {
			return fmt.Errorf("SOFIPO_INSTITUTION_RFC is %q: %w", s.InstitutionRFC, err)
		}
	}
	return s.validateSecrets()
}

// institution is the lender, as the documents name it.
func (s *settings) institution() layout.Institution {
	return layout.Institution{
		Name: s.Institution, RFC: s.InstitutionRFC, Address: s.InstitutionAddress, Phone: s.InstitutionPhone, Web: s.InstitutionWeb,
		UNE: layout.Contact{Address: s.UNEAddress, Phone: s.UNEPhone, Email: s.UNEEmail},
	}
}

var schemes = map[string][]string{
	"DATABASE_URL": {"postgres", "postgresql"}, "DATABASE_REPLICA_URL": {"postgres", "postgresql"}, "REDIS_URL": {"redis", "rediss"},
	"AMQP_URL": {"amqp", "amqps"}, "COUCHDB_URL": {"http", "https"},
}

// checkURL never prints the value: it may hold a password.
func checkURL(name, value string) error {
	if value == "" {
		return nil
	}
	parsed, err := url.Parse(value)
	if err != nil || parsed.Host == "" || !slices.Contains(schemes[name], parsed.Scheme) || !isPort(parsed.Port()) {
		return fmt.Errorf("%s is not a URL of the form %s://user:password@host:port/…", name, schemes[name][0])
	}
	return nil
}

// isPort accepts none, too: the service's own.
func isPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil
}

func (s *settings) validateSecrets() error {
	if s.Profile != productionProfile {
		return nil
	}
	if len(s.SecretKey) < 32 {
		return errors.New("API_SECRET_KEY is needed in production, with at least 32 characters")
	}
	for name, secret := range map[string]string{
		"API_SECRET_KEY": s.SecretKey, "API_SECRET_KEY_OLD": s.OldSecretKey, "POSTGRES_PASSWORD": s.PostgresPassword,
		"POSTGRES_REPLICA_PASSWORD": s.ReplicaPassword, "RABBITMQ_DEFAULT_PASS": s.RabbitPassword, "COUCHDB_PASSWORD": s.CouchPassword,
		"DATABASE_URL": passwordOf(s.DatabaseURL), "DATABASE_REPLICA_URL": passwordOf(s.ReplicaURL),
		"AMQP_URL": passwordOf(s.AMQPURL), "COUCHDB_URL": passwordOf(s.CouchURL),
	} {
		if slices.Contains(seedSecrets, secret) {
			return fmt.Errorf("%s is the seed's published secret: production needs your own", name)
		}
	}
	return nil
}

func passwordOf(text string) string {
	parsed, err := url.Parse(text)
	if err != nil || parsed.User == nil {
		return ""
	}
	password, _ := parsed.User.Password()
	return password
}

func (s *settings) primaryURL() string {
	if s.DatabaseURL != "" || s.PostgresDB == "" {
		return s.DatabaseURL
	}
	return s.postgresURL(s.PostgresHost, s.PostgresPort)
}

func (s *settings) replicaURL() string {
	if s.ReplicaURL != "" || s.DatabaseURL != "" || s.PostgresDB == "" || s.PostgresReplica == "" {
		return s.ReplicaURL
	}
	return s.postgresURL(s.PostgresReplica, s.ReplicaPort)
}

func (s *settings) postgresURL(host string, port int) string {
	return address("postgres", login(s.PostgresUser, s.PostgresPassword), host, port, s.PostgresDB)
}

func (s *settings) redisURL() string {
	if s.RedisURL != "" || s.RedisHost == "" {
		return strings.TrimSuffix(s.RedisURL, "/") // its path would be the number of a database
	}
	return address("redis", nil, s.RedisHost, s.RedisPort, "")
}

func (s *settings) amqpURL() string {
	if s.AMQPURL != "" || s.RabbitHost+s.RabbitUser == "" {
		return s.AMQPURL
	}
	return address("amqp", login(first(s.RabbitUser, "guest"), first(s.RabbitPassword, "guest")), first(s.RabbitHost, "rabbitmq"), s.RabbitPort, "")
}

func (s *settings) couchURL() string {
	if s.CouchURL != "" || s.CouchHost+s.CouchUser == "" {
		return s.CouchURL
	}
	return address("http", login(s.CouchUser, s.CouchPassword), first(s.CouchHost, "couchdb"), s.CouchPort, "")
}

func first(value, otherwise string) string {
	if value != "" {
		return value
	}
	return otherwise
}

// login is a user with the password, nil without a user.
func login(user, password string) *url.Userinfo {
	if user == "" {
		return nil
	}
	return url.UserPassword(user, password)
}

func address(scheme string, user *url.Userinfo, host string, port int, path string) string {
	u := url.URL{Scheme: scheme, User: user, Host: net.JoinHostPort(host, fmt.Sprint(port)), Path: path}
	return u.String()
}

func (s *settings) publicReads() string {
	if s.PublicReads != "auto" {
		return s.PublicReads
	}
	if s.Profile == demoProfile {
		return "full"
	}
	return "off"
}

func (s *settings) migrates() bool {
	if s.Migrate != "auto" {
		return s.Migrate == "on"
	}
	return s.Profile != productionProfile || s.primaryURL() == ""
}

func (s *settings) rfcTier() mx.Tier {
	tier, err := mx.ParseTier(s.RFCTier)
	if err != nil {
		panic(err) // kong accepted only the tiers
	}
	return tier
}

// secret is the key that signs tokens: the setting's or, on the embedded
// default, one made at the first start and kept in the data folder.
func (s *settings) secret() (string, error) {
	if s.SecretKey != "" {
		return s.SecretKey, nil
	}
	if s.primaryURL() != "" {
		return "", usageError{errors.New("API_SECRET_KEY is needed on PostgreSQL: every node signs with the same key")}
	}
	path := filepath.Join(s.Data, "secret.key")
	kept, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(kept)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	var made [32]byte
	_, _ = rand.Read(made[:]) // never fails
	text := hex.EncodeToString(made[:])
	return text, os.WriteFile(path, []byte(text+"\n"), 0o600)
}
