package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

// bareCommand is the argument that makes this program run the bare handler.
const bareCommand = "bare"

// answer is the fixed response of the bare handler.
type answer struct {
	Header http.Header
	Body   []byte
}

// ask requests a path from a server and returns the response for the bare handler.
func ask(port int, path string) (answer, error) {
	response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d%s", port, path))
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s %s", path, response.Status, body)
	}
	response.Header.Del("Date")
	response.Header.Del("Content-Length")
	return answer{response.Header, body}, err
}

// bare serves the answer read from standard input until the process is killed. It shows the
// highest rate that net/http allows for these bytes. It prints its address.
func bare() error {
	var give answer
	if err := json.NewDecoder(os.Stdin).Decode(&give); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		header := w.Header()
		for name, values := range give.Header {
			header[name] = values
		}
		_, _ = w.Write(give.Body)
	}))
}
