package deploy_test

import (
	"debug/elf"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// root is the root folder of the repository.
const root = ".."

// seedService is a service in the seed's compose file.
type seedService struct {
	image string
	ports []string
}

var seedServices = map[string]seedService{
	"postgres-primary": {"postgres:15", []string{"127.0.0.1:5432->5432"}},
	"postgres-replica": {"postgres:15", []string{"127.0.0.1:5433->5432"}},
	"rabbitmq":         {"rabbitmq:3.11-management", []string{"127.0.0.1:5672->5672", "127.0.0.1:15672->15672"}},
	"redis":            {"redis:7", []string{"127.0.0.1:6379->6379"}},
	"couchdb":          {"couchdb:3.3", []string{"127.0.0.1:5984->5984"}},
	"backend-api":      {"sofipo:latest", []string{":8000->8000"}},
	"event-consumer":   {"sofipo:latest", nil},
}

func demoEnv(t *testing.T) map[string]string {
	t.Helper()
	env, err := dotenv.Read(filepath.Join(root, ".env"))
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// project loads the compose file as docker compose does, including the schema check, with
// variables of the shell, which have priority over .env.
func project(t *testing.T, shell ...string) *types.Project {
	t.Helper()
	env := demoEnv(t)
	for _, variable := range shell {
		name, value, _ := strings.Cut(variable, "=")
		env[name] = value
	}
	folder, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  folder,
		ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(folder, "docker-compose.yml")}},
		Environment: env,
	})
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func TestComposeHasTheSeedsServices(t *testing.T) {
	services := project(t).Services
	if found, wanted := slices.Sorted(maps.Keys(services)), slices.Sorted(maps.Keys(seedServices)); !slices.Equal(found, wanted) {
		t.Fatalf("got the services %v, want %v", found, wanted)
	}
	for name, wanted := range seedServices {
		service := services[name]
		var ports []string
		for _, port := range service.Ports {
			ports = append(ports, fmt.Sprintf("%s:%s->%d", port.HostIP, port.Published, port.Target))
		}
		if service.Image != wanted.image || !slices.Equal(ports, wanted.ports) {
			t.Errorf("%s: got image %s, ports %v; want %v", name, service.Image, ports, wanted)
		}
		if service.ContainerName != name || service.Restart != "unless-stopped" {
			t.Errorf("%s: got container name %q, restart %q, want container name %v, restart unless-stopped", name, service.ContainerName, service.Restart, name)
		}
		if service.HealthCheck == nil || len(service.HealthCheck.Test) < 2 || service.HealthCheck.Interval == nil {
			t.Errorf("%s: got the health check %+v, want one with a command and an interval", name, service.HealthCheck)
		}
		if _, there := service.Networks["sofipo-net"]; !there {
			t.Errorf("%s: got the networks %v, want sofipo-net among them", name, service.Networks)
		}
	}
}

func TestComposeStartsInOrder(t *testing.T) {
	services := project(t).Services
	for name, wanted := range map[string][]string{
		"postgres-replica": {"postgres-primary"},
		"backend-api":      {"couchdb", "postgres-primary", "postgres-replica", "rabbitmq", "redis"},
		"event-consumer":   {"couchdb", "rabbitmq"},
	} {
		needs := services[name].DependsOn
		if found := slices.Sorted(maps.Keys(needs)); !slices.Equal(found, wanted) {
			t.Errorf("%s: got the dependencies %v, want %v", name, found, wanted)
		}
		for other, need := range needs {
			if need.Condition != types.ServiceConditionHealthy {
				t.Errorf("%s: got %s awaited as %s, want %v", name, other, need.Condition, types.ServiceConditionHealthy)
			}
		}
	}
}

func TestProgramGetsItsSettings(t *testing.T) {
	services := project(t).Services
	for name, command := range map[string]string{"backend-api": "serve", "event-consumer": "consume"} {
		service := services[name]
		if !slices.Equal(service.Command, []string{command}) || service.Build == nil || service.Build.Dockerfile != "deploy/Dockerfile" {
			t.Errorf("%s: got the command %v, build %+v, want the command %s, built from deploy/Dockerfile", name, service.Command, service.Build, command)
		}
		for key, value := range map[string]string{
			"SOFIPO_ADDR": "0.0.0.0:8000", "SOFIPO_PROFILE": "demo",
			"POSTGRES_HOST": "postgres-primary", "POSTGRES_REPLICA_HOST": "postgres-replica",
			"RABBITMQ_HOST": "rabbitmq", "COUCHDB_HOST": "couchdb", "REDIS_HOST": "redis", "REDIS_PORT": "6379",
			"POSTGRES_USER": "sofipo_user", "POSTGRES_DB": "sofipo_db", "API_ALGORITHM": "HS256",
		} {
			if found := service.Environment[key]; found == nil || *found != value {
				t.Errorf("%s: got another %s or none, want %s", name, key, value)
			}
		}
	}
}

// TestShellVariablesReachEveryService: a variable of .env has the value of the shell in
// all services that use it, which include the program.
func TestShellVariablesReachEveryService(t *testing.T) {
	users := map[string][]string{
		"POSTGRES_USER":             {"postgres-primary"},
		"POSTGRES_PASSWORD":         {"postgres-primary"},
		"POSTGRES_DB":               {"postgres-primary"},
		"POSTGRES_REPLICA_USER":     {"postgres-primary", "postgres-replica"},
		"POSTGRES_REPLICA_PASSWORD": {"postgres-primary", "postgres-replica"},
		"RABBITMQ_DEFAULT_USER":     {"rabbitmq"},
		"RABBITMQ_DEFAULT_PASS":     {"rabbitmq"},
		"COUCHDB_USER":              {"couchdb"},
		"COUCHDB_PASSWORD":          {"couchdb"},
	}
	for name := range demoEnv(t) {
		loaded := project(t, name+"=of the shell")
		for _, service := range append(users[name], "backend-api", "event-consumer") {
			if value := loaded.Services[service].Environment[name]; value == nil || *value != "of the shell" {
				t.Errorf("%s of %s: got another value, want that of the shell", name, service)
			}
		}
	}
}

// TestMountedFilesAreThere: the mounted files must be in the repository, because docker
// creates an empty folder for a missing one. The servers start as root and through bash,
// so the files need no permission for others and no execute bit.
func TestMountedFilesAreThere(t *testing.T) {
	services := project(t).Services
	for name, service := range services {
		for _, volume := range service.Volumes {
			if volume.Type == types.VolumeTypeBind && !strings.HasPrefix(name, "postgres-") {
				t.Errorf("%s mounts %s: got a mount of the repository, want none", name, volume.Source)
			}
		}
	}
	for _, role := range []string{"primary", "replica"} {
		service := services["postgres-"+role]
		if want := []string{"bash", "/etc/sofipo/start.sh", role}; !slices.Equal(service.Entrypoint, want) || len(service.Command) > 0 || service.User != "" {
			t.Errorf("%s: got the command %v %v as user %q, want %v as root", role, service.Entrypoint, service.Command, service.User, want)
		}
		mounted := slices.IndexFunc(service.Volumes, func(v types.ServiceVolumeConfig) bool { return v.Target == "/etc/sofipo" && v.ReadOnly })
		if mounted < 0 {
			t.Errorf("%s: got the volumes %v, want /etc/sofipo, read only", role, service.Volumes)
			continue
		}
		for _, file := range []string{"start.sh", "postgresql.conf"} {
			if info, err := os.Stat(filepath.Join(service.Volumes[mounted].Source, file)); err != nil || !info.Mode().IsRegular() {
				t.Errorf("%s mounts %s: got %v, want a regular file", role, file, err)
			}
		}
	}
}

// TestNoNamelessVolumes: each volume that an image declares is a named one or a tmpfs.
// Otherwise each "docker compose down" would leave a nameless volume behind.
func TestNoNamelessVolumes(t *testing.T) {
	declared := map[string]string{
		"postgres-primary": "/var/lib/postgresql/data", "postgres-replica": "/var/lib/postgresql/data", "rabbitmq": "/var/lib/rabbitmq",
		"couchdb": "/opt/couchdb/data", "redis": "/data", "backend-api": "/data", "event-consumer": "/data",
	}
	for name, service := range project(t).Services {
		named := slices.ContainsFunc(service.Volumes, func(v types.ServiceVolumeConfig) bool {
			return v.Type == types.VolumeTypeVolume && v.Source != "" && v.Target == declared[name]
		})
		if !named && !slices.Contains(service.Tmpfs, declared[name]) {
			t.Errorf("%s: got the volumes %v, tmpfs %v, want %s among them", name, service.Volumes, service.Tmpfs, declared[name])
		}
	}
}

// With another .env none of the demo's passwords may remain anywhere.
func TestPasswordsComeFromEnvOnly(t *testing.T) {
	env := demoEnv(t)
	secrets := 0
	for _, file := range []string{"docker-compose.yml", "deploy/Dockerfile", "deploy/postgres/postgresql.conf",
		"deploy/postgres/start.sh"} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		words := regexp.MustCompile(`[\w-]+`).FindAllString(string(text), -1)
		for name, value := range env {
			if !regexp.MustCompile(`PASS|SECRET`).MatchString(name) {
				continue
			}
			secrets++
			// "password" is also an ordinary word in scripts and comments.
			if value != "password" && slices.Contains(words, value) {
				t.Errorf("%s: got the value of %s in it, want no value of .env", file, name)
			}
			given := regexp.MustCompile(name + `\s*[:=]\s*([^\s$?]\S*)`)
			if found := given.FindSubmatch(text); found != nil {
				t.Errorf("%s: got %s, want no value of %s in it", file, found[0], name)
			}
		}
	}
	if secrets != 5*4 {
		t.Errorf("got %d secrets looked for in the files, want 5 in each of 4", secrets)
	}
	for _, name := range []string{"postgres-primary", "postgres-replica", "rabbitmq", "couchdb"} {
		for key, value := range project(t).Services[name].Environment {
			if wanted, there := env[key]; there && (value == nil || *value != wanted) {
				t.Errorf("%s: got another %s than in .env, want %q", name, key, wanted)
			}
		}
	}
}

// The build command of the Dockerfile must give a program that needs no other
// file, because the image is empty.
func TestDockerfileBuildsAStaticProgram(t *testing.T) {
	dockerfile, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	stages := regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(string(dockerfile), -1)
	if len(stages) != 2 || stages[0][1] != "golang:1.26" || stages[1][1] != "scratch" {
		t.Fatalf("got the stages %v, want golang:1.26, then scratch", stages)
	}
	_, final, _ := strings.Cut(string(dockerfile), "FROM scratch")
	for _, line := range []string{"USER 65532:65532", "EXPOSE 8000", `ENTRYPOINT ["/sofipo"]`, `CMD ["serve"]`, `CMD ["/sofipo", "health"]`, "/sofipo /sofipo"} {
		if !strings.Contains(final, line) {
			t.Errorf("got a final stage without %s, want it there", line)
		}
	}
	build := regexp.MustCompile(`(?m)^ +(CGO_ENABLED=0 go build .*)$`).FindSubmatch(dockerfile)
	if build == nil {
		t.Fatal("got no build command, want one")
	}
	program := filepath.Join(t.TempDir(), "sofipo")
	cmd := exec.Command("sh", "-c", strings.Replace(string(build[1]), "/out/sofipo", program, 1))
	cmd.Dir = root
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd.Args[2], err, output)
	}
	if parts := dynamicParts(t, program); len(parts) > 0 {
		t.Errorf("%s is linked dynamically: got %v, want none", program, parts)
	}
	if len(dynamicParts(t, "/bin/sh")) == 0 {
		t.Error("/bin/sh: got no dynamic part, want some")
	}
}

// dynamicParts returns the segments of a program that make it need other files.
func dynamicParts(t *testing.T, program string) (found []elf.ProgType) {
	t.Helper()
	file, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for _, part := range file.Progs {
		if part.Type == elf.PT_INTERP || part.Type == elf.PT_DYNAMIC {
			found = append(found, part.Type)
		}
	}
	return found
}
