package api

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// TestUnexpectedErrors: a panic and an unknown error are a 500 with a reference and no internals.
func TestUnexpectedErrors(t *testing.T) {
	var log strings.Builder
	s := newServer(Options{Log: testLog(&log)})
	s.mux.HandleFunc("/panics", func(http.ResponseWriter, *http.Request) { panic("a secret") })
	s.mux.HandleFunc("/fails", func(w http.ResponseWriter, _ *http.Request) { w.(*call).refuse(errors.New("a secret")) })
	form := regexp.MustCompile(`^\{"detail":"Internal Server Error","type":"urn:sofipo:error:internal","title":"Internal Server Error","status":500,"code":"internal","reference":"([0-9a-f-]{36})"\}$`)
	for _, path := range []string{"/panics", "/fails"} {
		log.Reset()
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		reference := form.FindStringSubmatch(w.Body.String())
		if w.Code != 500 || reference == nil {
			t.Fatalf("%s: got %d %s, want status 500 with a reference", path, w.Code, w.Body)
		}
		if !strings.Contains(log.String(), reference[1]) || !strings.Contains(log.String(), "a secret") {
			t.Errorf("%s: got the log\n%s\nwant the reference %s and the cause in it", path, log.String(), reference[1])
		}
	}
}

// TestPanicInTheMiddleOfAnAnswer: the connection is cut, so that half an answer is not taken for one.
func TestPanicInTheMiddleOfAnAnswer(t *testing.T) {
	s := newServer(Options{})
	s.mux.HandleFunc("/half", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("half"))
		panic("late")
	})
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("got the panic %v, want %v", err, http.ErrAbortHandler)
		}
	}()
	s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/half", nil))
}
