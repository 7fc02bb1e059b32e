package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"sofipo/test/stack"
)

// Parts of PromQL that are not names of metrics.
var (
	promText   = regexp.MustCompile(`"[^"]*"|'[^']*'`)
	promLabels = regexp.MustCompile(`\{[^}]*\}|\[[^\]]*\]|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)`)
	promName   = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*\s*\(?`)
	promNumber = regexp.MustCompile(`\b[0-9][0-9.]*(?:ms|[smhdwy])?\b`)
	promWords  = []string{"and", "or", "unless", "bool", "offset", "inf", "nan"}
)

// namesOf returns the names of metrics in a PromQL expression.
func namesOf(expression string) (names []string) {
	for _, part := range []*regexp.Regexp{promText, promLabels, promNumber} {
		expression = part.ReplaceAllString(expression, " ")
	}
	for _, name := range promName.FindAllString(expression, -1) {
		if function := strings.HasSuffix(name, "("); !function && !slices.Contains(promWords, strings.ToLower(strings.TrimSpace(name))) {
			names = append(names, strings.TrimSpace(name))
		}
	}
	return names
}

func TestNamesOfMetrics(t *testing.T) {
	for expression, want := range map[string]string{
		`up{job="a"} == 0`: "up",
		`histogram_quantile(0.99, sum by (le, route) (rate(x_bucket{instance=~"$instance"}[$__rate_interval])))`: "x_bucket",
		`time() - (a > 0) > 60 * 3600 and b offset 7d unless on (job) c`:                                         "a b c",
		`sum(rate(a{status=~"5.."}[5m])) / sum(rate(b[5m])) or vector(0)`:                                        "a b",
	} {
		if got := strings.Join(namesOf(expression), " "); got != want {
			t.Errorf("%s: got %q, want %q", expression, got, want)
		}
	}
}

// monitoring returns a file of deploy/monitoring.
func monitoring(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../deploy/monitoring", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// has reports whether a scrape has the series.
func (s scrapes) has(series string) bool {
	if series == "up" || series == "ALERTS" { // of Prometheus itself
		return true
	}
	return slices.ContainsFunc(slices.Concat(s.server, s.consumer), func(m metric) bool {
		if m.kind != "histogram" && m.kind != "summary" {
			return m.name == series
		}
		part, found := strings.CutPrefix(series, m.name)
		return found && (part == "_bucket" && m.kind == "histogram" || part == "_sum" || part == "_count" || part == "" && m.kind == "summary")
	})
}

// check fails for each metric of an expression that no scrape has.
func (s scrapes) check(t *testing.T, where, expression string) {
	t.Helper()
	names := namesOf(expression)
	if len(names) == 0 {
		t.Errorf("%s: got no metric in %s, want one", where, expression)
	}
	for _, name := range names {
		if !s.has(name) {
			t.Errorf("%s: got %s, want a metric of a server or a consumer", where, name)
		}
	}
}

// compareDashboard checks the metrics that the panels ask for, and that every metric of the program
// is in one.
func compareDashboard(t *testing.T, both scrapes) {
	type target struct{ Expr string }
	var board struct {
		Panels []struct {
			Title, Type string
			Targets     []target
		}
		Annotations struct{ List []target }
		Templating  struct{ List []struct{ Query string } }
	}
	text := monitoring(t, "dashboard.json")
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, p := range board.Panels {
		for _, q := range p.Targets {
			asked++
			both.check(t, "dashboard.json: "+p.Title, q.Expr)
		}
		if len(p.Targets) == 0 && p.Type != "row" {
			t.Errorf("dashboard.json: got no query of %s, want one", p.Title)
		}
	}
	for _, q := range board.Annotations.List {
		both.check(t, "dashboard.json: annotations", q.Expr)
	}
	for _, v := range board.Templating.List {
		if metric, found := strings.CutPrefix(v.Query, "label_values("); found {
			metric, _, _ = strings.Cut(metric, ",")
			both.check(t, "dashboard.json: variables", metric)
		}
	}
	if asked < 50 {
		t.Errorf("got %d queries, want at least 50", asked)
	}
	for _, m := range own(slices.Concat(both.server, both.consumer)) {
		if !strings.Contains(string(text), m.name) {
			t.Errorf("dashboard.json: got no panel of %s, want one", m.name)
		}
	}
}

// alerts is the form of a file of rules.
type alerts struct {
	Groups []struct {
		Rules []struct {
			Alert, Expr string
			Labels      struct{ Severity string }
			Annotations struct{ Summary, Runbook string }
		}
	}
}

var (
	headingLine = regexp.MustCompile(`(?m)^#+ (.+)$`)
	notInAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors returns the anchors of the sections of a page.
func anchors(page string) (all []string) {
	for _, m := range headingLine.FindAllStringSubmatch(page, -1) {
		all = append(all, strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return all
}

// compareRules checks the metrics that the alerts ask for and the pages that they name, and runs
// the unit tests of the rules.
func compareRules(t *testing.T, both scrapes) {
	var file alerts
	if err := yaml.Unmarshal(monitoring(t, "rules.yml"), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Groups) != 1 || len(file.Groups[0].Rules) < 15 {
		t.Fatalf("got %+v, want one group of at least 15 rules", file)
	}
	for _, r := range file.Groups[0].Rules {
		both.check(t, "rules.yml: "+r.Alert, r.Expr)
		if !slices.Contains([]string{"critical", "warning", "info"}, r.Labels.Severity) || r.Annotations.Summary == "" {
			t.Errorf("%s: got severity %q, summary %q, want critical, warning or info, and a text", r.Alert, r.Labels.Severity, r.Annotations.Summary)
		}
		page, section, _ := strings.Cut(r.Annotations.Runbook, "#")
		text, err := os.ReadFile(filepath.Join("../..", page))
		if err != nil || section != "" && !slices.Contains(anchors(string(text)), section) {
			t.Errorf("%s: got the runbook %s (%v), want a section of a page", r.Alert, r.Annotations.Runbook, err)
		}
	}
	if testing.Short() {
		t.Skip("promtool is not installed by short tests")
	}
	promtool, err := stack.Tool(t.Context(), "promtool")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"check rules rules.yml", "test rules rules_test.yml rules_days_test.yml", "check config prometheus.yml"} {
		tool := exec.CommandContext(t.Context(), promtool, strings.Fields(line)...)
		tool.Dir = "../../deploy/monitoring"
		if output, err := tool.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: got %v, want no error\n%s", line, err, output)
		}
	}
}
