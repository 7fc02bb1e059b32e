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
	"unicode/utf8"

	"github.com/alecthomas/kong"
	"go.opentelemetry.io/otel/trace"

	"sofipo/bank"
	"sofipo/core/civil"
	"sofipo/core/institution"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/core/webhook"
	"sofipo/infra/amqp"
	"sofipo/infra/files"
	"sofipo/web"
)

// The profiles.
const (
	demoProfile       = "demo"
	productionProfile = "production"
)

// settings declares all settings: flag, environment variable, default and help text.
// Variables that the seed has keep their names.
type settings struct {
	Profile     string        `env:"SOFIPO_PROFILE" enum:"demo,development,production" default:"development" help:"Profile: demo (creates user admin with password string), development, or production (refuses published passwords)."`
	Addr        string        `env:"SOFIPO_ADDR" default:"127.0.0.1:8000" help:"Address to listen on."`
	PrivateAddr string        `env:"SOFIPO_PRIVATE_ADDR" placeholder:"HOST:PORT" help:"Address for /debug/pprof/, /metrics, /docs, /redoc, /openapi.json and /asyncapi.json, without TLS. SOFIPO_ADDR never serves /debug/pprof/ and, if this is set or in production, none of the others."`
	ConsumeAddr string        `env:"SOFIPO_CONSUME_ADDR" placeholder:"HOST:PORT" help:"Address for /metrics and /debug/pprof/ of sofipo consume, without TLS. Empty: none."`
	TLSCert     string        `name:"tls-cert" env:"SOFIPO_TLS_CERT" placeholder:"FILE" help:"Certificate chain (PEM) for HTTPS on SOFIPO_ADDR. A changed file is read again. Empty: HTTP."`
	TLSKey      string        `name:"tls-key" env:"SOFIPO_TLS_KEY" placeholder:"FILE" help:"Private key (PEM) of the certificate."`
	Proxies     string        `env:"SOFIPO_TRUSTED_PROXIES" placeholder:"NETWORKS" help:"Addresses and networks of reverse proxies, separated by commas. X-Forwarded-For and X-Forwarded-Proto of others are ignored."`
	UserRate    string        `env:"SOFIPO_USER_RATE" default:"auto" placeholder:"RATE" help:"Most requests of a user, a second and at once, such as 200/400. 0: no limit. auto: 200/400 in production, otherwise 0."`
	AddressRate string        `env:"SOFIPO_ADDRESS_RATE" default:"auto" placeholder:"RATE" help:"Most requests from an address, a second and at once. 0: no limit. auto: 1000/2000 in production, otherwise 0."`
	Data        string        `env:"SOFIPO_DATA" default:"data" help:"Data folder for the embedded database and event log."`
	PublicReads string        `env:"SOFIPO_PUBLIC_READS" enum:"auto,full,off" default:"auto" help:"Public reads: full lets anyone read clients, loans and statements without a token, off requires a token, auto is full in the demo profile and off otherwise."`
	RFCTier     string        `env:"SOFIPO_RFC_TIER" enum:"length,structural,sat_xsd,strict" default:"structural" help:"RFC validation level: ${enum}."`
	Unclaimed   int           `env:"SOFIPO_UNCLAIMED_DAYS" default:"1095" help:"Days after which an unidentified deposit may be written to income."`
	Retention   int           `env:"SOFIPO_RETENTION_YEARS" default:"10" help:"Years that blocked personal data of a client are kept, from the block on."`
	EventData   string        `name:"event-privacy" env:"SOFIPO_EVENT_PRIVACY" enum:"clear,encrypted" default:"clear" help:"Names, RFCs and e-mail addresses in the seed's events: clear, or encrypted with a key for each client that is deleted with the client's data."`
	MaxLoan     string        `env:"SOFIPO_MAX_LOAN" default:"auto" placeholder:"PESOS" help:"Maximum principal of a loan in pesos. auto: 100000000.00, but no maximum in the demo profile."`
	WriteOff    int           `name:"write-off-days" env:"SOFIPO_WRITE_OFF_DAYS" default:"90" help:"Days past due from which a loan may be written off. Before, it takes a request that a second person with the authority approves. 0: any loan."`
	TimeZone    string        `env:"SOFIPO_TIME_ZONE" default:"America/Mexico_City" help:"Time zone of the business date."`
	LogLevel    string        `env:"SOFIPO_LOG_LEVEL" enum:"debug,info,warn,error" default:"info" help:"Minimum log level: ${enum}."`
	StartWait   time.Duration `env:"SOFIPO_START_WAIT" default:"60s" help:"Maximum time to wait for services at start-up."`
	Migrate     string        `env:"SOFIPO_MIGRATE" enum:"auto,on,off" default:"auto" help:"Whether to migrate the schema at start-up: on, off, or auto (on, except on PostgreSQL in production)."`
	KeepDays    int           `env:"SOFIPO_KEEP_DAYS" default:"30" help:"Days to keep relayed outbox rows and idempotency keys."`

	CloseAt        string `env:"SOFIPO_CLOSE_AT" placeholder:"HH:MM" help:"Time of day, in SOFIPO_TIME_ZONE, at which serve closes all past business days. Empty: no automatic close."`
	AcceptClock    bool   `env:"SOFIPO_ACCEPT_CLOCK" help:"Start even if the clock differs by more than 7 days from the newest row of the database. Use it once, when you are sure that the clock is right."`
	BusinessDate   string `env:"SOFIPO_BUSINESS_DATE" placeholder:"DATE" help:"Business date for training and tests, as YYYY-MM-DD from 2000 to 2199: the clock starts on this day at the present time of day. Not in production."`
	PositionMonths int    `env:"SOFIPO_POSITION_MONTHS" default:"0" help:"Number of past months of daily positions to keep. 0: keep all."`

	Institution        string `env:"SOFIPO_INSTITUTION" help:"Name of the institution. This and the following settings give the institution's data at the first start only; change them later with PUT /api/v1/institution."`
	InstitutionRFC     string `env:"SOFIPO_INSTITUTION_RFC" help:"RFC of the institution, at the first start."`
	InstitutionAddress string `env:"SOFIPO_INSTITUTION_ADDRESS" help:"Address of the institution, at the first start."`
	InstitutionPhone   string `env:"SOFIPO_INSTITUTION_PHONE" help:"Telephone of the institution, at the first start."`
	InstitutionWeb     string `env:"SOFIPO_INSTITUTION_WEB" help:"Website of the institution, at the first start."`
	UNEAddress         string `env:"SOFIPO_UNE_ADDRESS" help:"Address of the UNE (Unidad Especializada de Atención a Usuarios), at the first start."`
	UNEPhone           string `env:"SOFIPO_UNE_PHONE" help:"Telephone of the UNE, at the first start."`
	UNEEmail           string `env:"SOFIPO_UNE_EMAIL" help:"Email address of the UNE, at the first start."`

	SecretKey    string `env:"API_SECRET_KEY" help:"Key for signing tokens. Without PostgreSQL it is generated in the data folder if not set."`
	OldSecretKey string `env:"API_SECRET_KEY_OLD" help:"Previous signing key. Tokens signed with it are still accepted."`
	DataKey      string `env:"SOFIPO_DATA_KEY" help:"Key that encrypts personal data in the database: 32 bytes in base64. Without PostgreSQL it is generated in the data folder (data.key) if not set. Required in production on PostgreSQL; otherwise PostgreSQL stores them in clear without it."`
	DataKeyFile  string `env:"SOFIPO_DATA_KEY_FILE" help:"File with the key of SOFIPO_DATA_KEY."`
	OldDataKey   string `env:"SOFIPO_DATA_KEY_OLD" help:"Previous SOFIPO_DATA_KEY. Needed at one start, which replaces it."`
	Algorithm    string `env:"API_ALGORITHM" enum:"HS256" default:"HS256" help:"Signing algorithm of tokens: ${enum}."`
	TokenMinutes int    `env:"API_ACCESS_TOKEN_EXPIRE_MINUTES" default:"30" help:"Lifetime of tokens in minutes, 1 to 1440."`

	SecondFactor string `env:"SOFIPO_SECOND_FACTOR" enum:"off,money,all" default:"off" help:"Who needs a second factor (one-time codes) to sign in: ${enum}. money: roles that may disburse, receive payments, approve or post manual entries."`

	DatabaseURL      string `env:"DATABASE_URL" help:"URL of the PostgreSQL primary: postgres://user:password@host:port/name. If neither this nor POSTGRES_DB is set, SQLite in the data folder is used."`
	ReplicaURL       string `env:"DATABASE_REPLICA_URL" help:"URL of a PostgreSQL streaming replica for reads."`
	PostgresUser     string `env:"POSTGRES_USER" help:"PostgreSQL user. Use with POSTGRES_DB instead of DATABASE_URL."`
	PostgresPassword string `env:"POSTGRES_PASSWORD" help:"PostgreSQL password."`
	PostgresDB       string `env:"POSTGRES_DB" help:"PostgreSQL database name."`
	PostgresHost     string `env:"POSTGRES_HOST" default:"postgres-primary" help:"Host of the PostgreSQL primary."`
	PostgresPort     int    `env:"POSTGRES_PORT" default:"5432" help:"Port of the PostgreSQL primary."`
	PostgresReplica  string `env:"POSTGRES_REPLICA_HOST" default:"postgres-replica" help:"Host of the PostgreSQL replica. Empty: no replica."`
	ReplicaPort      int    `env:"POSTGRES_REPLICA_PORT" default:"5432" help:"Port of the PostgreSQL replica."`
	ReplicaUser      string `env:"POSTGRES_REPLICA_USER" help:"Replication user. Used by the database set-up in deploy/, not by sofipo."`
	ReplicaPassword  string `env:"POSTGRES_REPLICA_PASSWORD" help:"Replication password. The published one is refused in production."`

	RedisURL  string `env:"REDIS_URL" help:"URL of Redis 7: redis://host:port. If neither this nor REDIS_HOST is set, SQLite uses a cache in memory and PostgreSQL no cache."`
	RedisHost string `env:"REDIS_HOST" help:"Redis host. Use instead of REDIS_URL."`
	RedisPort int    `env:"REDIS_PORT" default:"6379" help:"Redis port."`

	AMQPURL        string `name:"amqp-url" env:"AMQP_URL" help:"URL of RabbitMQ: amqp://user:password@host:port/. For a cluster, several host:port separated by commas and ?queue_type=quorum. If neither this, RABBITMQ_HOST nor RABBITMQ_DEFAULT_USER is set, events are written directly to the event log."`
	RabbitHost     string `env:"RABBITMQ_HOST" help:"RabbitMQ host. Use instead of AMQP_URL. Defaults to rabbitmq if RABBITMQ_DEFAULT_USER is set."`
	RabbitPort     int    `env:"RABBITMQ_PORT" default:"5672" help:"RabbitMQ port."`
	RabbitUser     string `env:"RABBITMQ_DEFAULT_USER" help:"RabbitMQ user. Defaults to guest if RABBITMQ_HOST is set."`
	RabbitPassword string `env:"RABBITMQ_DEFAULT_PASS" help:"RabbitMQ password. Defaults to guest if RABBITMQ_HOST is set."`

	CouchURL      string `env:"COUCHDB_URL" help:"URL of CouchDB: http://user:password@host:port. If neither this, COUCHDB_HOST nor COUCHDB_USER is set, the event log is in the data folder."`
	CouchHost     string `env:"COUCHDB_HOST" help:"CouchDB host. Use instead of COUCHDB_URL. Defaults to couchdb if COUCHDB_USER is set."`
	CouchPort     int    `env:"COUCHDB_PORT" default:"5984" help:"CouchDB port."`
	CouchUser     string `env:"COUCHDB_USER" help:"CouchDB user."`
	CouchPassword string `env:"COUCHDB_PASSWORD" help:"CouchDB password."`

	FilesURL    string `name:"files-url" env:"SOFIPO_FILES_URL" help:"URL of a bucket of an S3-compatible store for the documents of clients: https://host:port/bucket. Empty: the folder files in the data folder; several nodes need a bucket."`
	FilesRegion string `name:"files-region" env:"SOFIPO_FILES_REGION" help:"Region of the bucket, if its service has regions."`
	FilesKey    string `name:"files-key" env:"SOFIPO_FILES_KEY" help:"Access key of the bucket."`
	FilesSecret string `name:"files-secret" env:"SOFIPO_FILES_SECRET" help:"Secret key of the bucket."`

	Webhooks        string `env:"SOFIPO_WEBHOOKS" enum:"on,off" default:"on" help:"Whether this server delivers events to webhooks: on, or off, for example for a restored copy of a database."`
	WebhookNetworks string `env:"SOFIPO_WEBHOOK_NETWORKS" placeholder:"NETWORKS" help:"Private addresses and networks in which webhooks may be called, also by HTTP, separated by commas. Public addresses are called by HTTPS only; addresses of a link and of cloud metadata never."`

	tracer  trace.Tracer // nil: nothing is traced
	machine bank.Machine // the clocks of the computer; tests replace them

	patient      bool // the command runs long statements
	locked       bool // this process has locked the data folder
	madeKey      bool // this process has made the key in the data folder
	encryptAgain bool // encrypt what is in clear although all was encrypted before
}

// Help returns the part of a command's help that is about the settings.
func (settings) Help() string {
	return "This command also takes the settings, as flags or environment variables. Run \"sofipo settings\" to list them."
}

// settingsCommand lists the settings.
type settingsCommand struct {
	settings `embed:""`
}

// Help returns the part of the command's help that is about the settings.
func (settingsCommand) Help() string {
	return "Each setting is a flag of every command that needs it and an environment variable. A flag takes priority over its variable."
}

// Validate accepts all values, because the command uses none.
func (settingsCommand) Validate() error { return nil }

// Run prints the list.
func (settingsCommand) Run(ctx *kong.Context) error { return ctx.PrintUsage(false) }

// rates returns the limits of requests.
func (s *settings) rates() (user, address web.Rate, err error) {
	limit := func(name, value, inProduction string) (web.Rate, error) {
		if value == "auto" || value == "" {
			value = "0"
			if s.Profile == productionProfile {
				value = inProduction
			}
		}
		r, err := web.ParseRate(value)
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return r, err
	}
	user, err = limit("SOFIPO_USER_RATE", s.UserRate, "200/400")
	if err == nil {
		address, err = limit("SOFIPO_ADDRESS_RATE", s.AddressRate, "1000/2000")
	}
	return user, address, err
}

// seedSecrets are published with the seed or in this repository.
var seedSecrets = []string{
	"5e7c1d5746e7bc750044b2a5a396e49d9afaaa03030b8aa8514ed62deb8279eb", "demo-secret-key-change-me-before-any-real-use", "123", "replicapassword", "guest", "password", "string",
}

// Validate checks the settings. Kong calls it after parsing.
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
	if day, err := civil.Parse(s.BusinessDate); s.BusinessDate != "" && (err != nil || day.Year < 2000 || day.Year > 2199) {
		return fmt.Errorf("SOFIPO_BUSINESS_DATE is %q: use YYYY-MM-DD, from 2000-01-01 to 2199-12-31", s.BusinessDate)
	}
	if s.BusinessDate != "" && s.Profile == productionProfile {
		return errors.New("SOFIPO_BUSINESS_DATE is set: production uses the date of the clock")
	}
	if amount, err := money.Parse(s.MaxLoan); s.MaxLoan != "auto" && (err != nil || amount <= 0) {
		return fmt.Errorf("SOFIPO_MAX_LOAN is %q: use auto or an amount above zero, such as 500000.00", s.MaxLoan)
	}
	if s.WriteOff < 0 {
		return fmt.Errorf("SOFIPO_WRITE_OFF_DAYS is %d: use 0 or more", s.WriteOff)
	}
	if s.Unclaimed < 0 || s.Unclaimed > 36_500 {
		return fmt.Errorf("SOFIPO_UNCLAIMED_DAYS is %d: use 0 to 36500", s.Unclaimed)
	}
	if s.EventData == "encrypted" && s.primaryURL() != "" && !s.hasDataKey() {
		return errors.New("SOFIPO_EVENT_PRIVACY=encrypted needs SOFIPO_DATA_KEY or SOFIPO_DATA_KEY_FILE, which protects the keys of the clients")
	}
	if s.Retention < 1 || s.Retention > 100 {
		return fmt.Errorf("SOFIPO_RETENTION_YEARS is %d: use 1 to 100", s.Retention)
	}
	if s.PositionMonths < 0 {
		return fmt.Errorf("SOFIPO_POSITION_MONTHS is %d: use 0 for all, or at least 1", s.PositionMonths)
	}
	if err := s.validateAddresses(); err != nil {
		return err
	}
	if _, _, err := s.rates(); err != nil {
		return err
	}
	if s.Data == "" {
		return errors.New("SOFIPO_DATA is empty: set the data folder")
	}
	if _, err := time.LoadLocation(s.TimeZone); err != nil {
		return fmt.Errorf("SOFIPO_TIME_ZONE is %q: use a name such as America/Mexico_City", s.TimeZone)
	}
	if err := s.validateServices(); err != nil {
		return err
	}
	if s.InstitutionRFC != "" {
		if _, err := mx.ParseRFC(s.InstitutionRFC, mx.TierStructural); err != nil {
			return fmt.Errorf("SOFIPO_INSTITUTION_RFC is %q: %w", s.InstitutionRFC, err)
		}
	}
	if _, err := s.files(); err != nil {
		return fmt.Errorf("SOFIPO_FILES_URL: %w", err)
	}
	return s.validateSecrets()
}

// validateAddresses checks where the server listens, and its proxies.
func (s *settings) validateAddresses() error {
	if _, _, err := net.SplitHostPort(s.Addr); err != nil {
		return fmt.Errorf("SOFIPO_ADDR is %q: use host:port, such as 127.0.0.1:8000", s.Addr)
	}
	if _, _, err := net.SplitHostPort(s.PrivateAddr); s.PrivateAddr != "" && err != nil {
		return fmt.Errorf("SOFIPO_PRIVATE_ADDR is %q: use host:port, such as 127.0.0.1:8001", s.PrivateAddr)
	}
	if _, _, err := net.SplitHostPort(s.ConsumeAddr); s.ConsumeAddr != "" && err != nil {
		return fmt.Errorf("SOFIPO_CONSUME_ADDR is %q: use host:port, such as 127.0.0.1:8002", s.ConsumeAddr)
	}
	if (s.TLSCert == "") != (s.TLSKey == "") {
		return errors.New("SOFIPO_TLS_CERT and SOFIPO_TLS_KEY belong together: set both or neither")
	}
	if _, err := web.ParseProxies(s.Proxies); err != nil {
		return fmt.Errorf("SOFIPO_TRUSTED_PROXIES: %w", err)
	}
	if _, err := webhook.ParseNetworks(s.WebhookNetworks); err != nil {
		return fmt.Errorf("SOFIPO_WEBHOOK_NETWORKS: %w", err)
	}
	return nil
}

// webhookNetworks returns the private networks in which webhooks may be called.
func (s *settings) webhookNetworks() webhook.Networks {
	n, _ := webhook.ParseNetworks(s.WebhookNetworks) // Validate has checked them
	return n
}

// validateServices checks the URLs of the services.
func (s *settings) validateServices() error {
	for name, value := range map[string]string{
		"DATABASE_URL": s.DatabaseURL, "DATABASE_REPLICA_URL": s.ReplicaURL, "REDIS_URL": s.RedisURL, "AMQP_URL": s.AMQPURL, "COUCHDB_URL": s.CouchURL,
	} {
		if err := checkURL(name, value); err != nil {
			return err
		}
	}
	if s.AMQPURL != "" {
		if err := amqp.CheckURL(s.AMQPURL); err != nil {
			return fmt.Errorf("AMQP_URL: %w", err)
		}
	}
	if s.PostgresDB != "" && s.PostgresUser == "" {
		return errors.New("POSTGRES_DB is set but POSTGRES_USER is not")
	}
	return nil
}

// files returns the store of the documents of clients: a bucket, or a folder in the data folder.
func (s *settings) files() (files.Keeper, error) {
	if s.FilesURL == "" {
		return files.Folder(filepath.Join(s.Data, "files")), nil
	}
	return files.NewS3(files.S3Options{URL: s.FilesURL, Region: s.FilesRegion, Key: s.FilesKey, Secret: s.FilesSecret})
}

// institution returns the initial data of the institution.
func (s *settings) institution() institution.Institution {
	i := institution.Institution{
		Name: s.Institution, RFC: s.InstitutionRFC, Address: s.InstitutionAddress, Web: s.InstitutionWeb,
		UNE: institution.Contact{Address: s.UNEAddress, Phone: s.UNEPhone, Email: s.UNEEmail},
	}
	if s.InstitutionPhone != "" {
		i.Phones = []string{s.InstitutionPhone}
	}
	return i
}

var schemes = map[string][]string{
	"DATABASE_URL": {"postgres", "postgresql"}, "DATABASE_REPLICA_URL": {"postgres", "postgresql"}, "REDIS_URL": {"redis", "rediss"},
	"AMQP_URL": {"amqp", "amqps"}, "COUCHDB_URL": {"http", "https"},
}

// checkURL checks a URL. Its error does not include the value, which may have a password.
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

// isPort accepts a port number, or an empty text for the default port.
func isPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil
}

// The least that production requires of a secret key: characters, and different ones.
const (
	minSecretKey  = 32
	minCharacters = 8
)

// weak reports whether a secret key could be guessed.
func weak(key string) bool {
	different := map[rune]bool{}
	for _, c := range key {
		different[c] = true
	}
	return utf8.RuneCountInString(key) < minSecretKey || len(different) < minCharacters
}

// validateSecrets refuses published secrets in production. The error names all of them.
func (s *settings) validateSecrets() error {
	if s.Profile != productionProfile {
		return nil
	}
	rabbitPassword := s.RabbitPassword
	if rabbitPassword == "" && s.AMQPURL == "" {
		rabbitPassword = passwordOf(s.amqpURL()) // guest by default
	}
	var published []string
	for name, secret := range map[string]string{
		"API_SECRET_KEY": s.SecretKey, "API_SECRET_KEY_OLD": s.OldSecretKey, "POSTGRES_PASSWORD": s.PostgresPassword,
		"POSTGRES_REPLICA_PASSWORD": s.ReplicaPassword, "RABBITMQ_DEFAULT_PASS": rabbitPassword, "COUCHDB_PASSWORD": s.CouchPassword,
		"SOFIPO_FILES_SECRET": s.FilesSecret,
		"DATABASE_URL":        passwordOf(s.DatabaseURL), "DATABASE_REPLICA_URL": passwordOf(s.ReplicaURL),
		"AMQP_URL": passwordOf(s.AMQPURL), "COUCHDB_URL": passwordOf(s.CouchURL),
	} {
		if slices.Contains(seedSecrets, secret) {
			published = append(published, name)
		}
	}
	slices.Sort(published)
	var problems []string
	if len(published) > 0 {
		problems = append(problems, fmt.Sprintf("production requires secrets of your own; these have published values: %s", strings.Join(published, ", ")))
	}
	for _, k := range []struct{ name, key string }{{"API_SECRET_KEY", s.SecretKey}, {"API_SECRET_KEY_OLD", s.OldSecretKey}} {
		if weak(k.key) && !slices.Contains(published, k.name) && (k.key != "" || k.name == "API_SECRET_KEY") {
			problems = append(problems, fmt.Sprintf("production requires an %s of at least %d characters, %d of them different", k.name, minSecretKey, minCharacters))
		}
	}
	if s.primaryURL() != "" && !s.hasDataKey() {
		problems = append(problems, "production on PostgreSQL requires a SOFIPO_DATA_KEY or SOFIPO_DATA_KEY_FILE")
	}
	if len(problems) > 0 {
		return errors.New(strings.Join(problems, "; "))
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
		return strings.TrimSuffix(s.RedisURL, "/") // a path would be a database number
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

// first returns the value, or the fallback if it is empty.
func first(value, fallback string) string {
	if value != "" {
		return value
	}
	return fallback
}

// login returns the user and password, or nil without a user.
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

// defaultMaxLoan is the maximum principal of a loan outside the demo, in centavos.
const defaultMaxLoan money.Amount = 100_000_000_00

func (s *settings) maxLoan() money.Amount {
	switch {
	case s.MaxLoan != "auto":
		amount, err := money.Parse(s.MaxLoan)
		if err != nil {
			panic(err) // Validate accepted it
		}
		return amount
	case s.Profile == demoProfile:
		return 0
	default:
		return defaultMaxLoan
	}
}

// rules are the settings that commands depend on.
func (s *settings) rules() bank.Rules {
	return bank.Rules{RFC: s.rfcTier(), EmptyNames: s.Profile == demoProfile, MaxLoan: s.maxLoan(), WriteOffDays: s.WriteOff, FreeAdmin: s.Profile == demoProfile, UnclaimedDays: s.Unclaimed, RetentionYears: s.Retention, EncryptEvents: s.EventData == "encrypted", Webhooks: s.webhookNetworks()}
}

func (s *settings) rfcTier() mx.Tier {
	tier, err := mx.ParseTier(s.RFCTier)
	if err != nil {
		panic(err) // kong accepted only the tiers
	}
	return tier
}

// secret returns the key for signing tokens: the setting or, without PostgreSQL, a key
// that is generated at the first start and kept in the data folder.
func (s *settings) secret() (string, error) {
	if s.SecretKey != "" {
		return s.SecretKey, nil
	}
	if s.primaryURL() != "" {
		return "", usageError{errors.New("API_SECRET_KEY is required on PostgreSQL: all nodes must sign with the same key")}
	}
	path := filepath.Join(s.Data, "secret.key")
	stored, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(stored)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails
	text := hex.EncodeToString(key[:])
	return text, writeKey(path, text+"\n")
}
