package document

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"

	"sofipo/core/client"
	"sofipo/core/folio"
	"sofipo/view"
)

// PersonalDataName returns the name of the file that WritePersonalData writes.
func PersonalDataName(p view.PersonalData) string {
	return "datos-personales-" + folio.Client.Print(p.Client.Number) + ".zip"
}

// WritePersonalData writes a ZIP file with all data of a client as personal-data.json and with
// the documents. The function returns the bytes of a document.
func WritePersonalData(w io.Writer, p view.PersonalData, load func(hash string) ([]byte, error)) error {
	out := zip.NewWriter(w)
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("personal data: %w", err)
	}
	if err := add(out, p, "personal-data.json", append(data, '\n')); err != nil {
		return err
	}
	for _, d := range p.Documents() {
		content, err := load(d.SHA256)
		if err != nil {
			return fmt.Errorf("document %s: %w", d.ID, err)
		}
		if err := add(out, p, documentPath(d), content); err != nil {
			return err
		}
	}
	return out.Close()
}

func add(out *zip.Writer, p view.PersonalData, name string, content []byte) error {
	file, err := out.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: p.At})
	if err == nil {
		_, err = file.Write(content)
	}
	return err
}

// documentPath returns the name of a document in the file. It does not depend on the name that a
// user gave, which may be anything.
func documentPath(d client.Document) string {
	extension := map[string]string{"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}[d.MediaType]
	return path.Join("documents", strings.ToLower(string(d.Kind))+"-"+d.ID.String()+extension)
}
