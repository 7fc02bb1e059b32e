package seedform

import (
	"fmt"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"sofipo/core/fault"
)

// File is a body that is a file, such as an image or a CSV. The tags of its field are media,
// the accepted content types, and most, the maximum length in KiB:
//
//	Body File `media:"image/png,image/jpeg" most:"256"`
type File struct {
	Media   string // the content type without its parameters
	Content []byte
}

// file describes how a File is read.
type file struct {
	index []int
	media []string
	most  int64 // bytes
}

func newFile(f reflect.StructField) *file {
	most, err := strconv.ParseInt(f.Tag.Get("most"), 10, 32)
	if err != nil {
		panic(fmt.Sprintf("seedform: a file needs its maximum length: %v", err))
	}
	return &file{f.Index, strings.Split(f.Tag.Get("media"), ","), most << 10}
}

// bind reads the body. It must not be empty, and its content type must be an accepted one.
func (f *file) bind(w http.ResponseWriter, r *http.Request, into reflect.Value) (*fault.Flaw, error) {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if !slices.Contains(f.media, media) {
		return broken(FileMedia, "accepted", f.media), nil
	}
	content, err := readBody(w, r, f.most)
	switch {
	case fault.Is(err, fault.TooLarge):
		return nil, fault.Refuse(fault.TooLarge, "most", f.most>>10).Because(fault.FileLength)
	case err != nil:
		return nil, err
	case content == "":
		return broken(fault.Missing), nil
	}
	into.FieldByIndex(f.index).Set(reflect.ValueOf(File{media, []byte(content)}))
	return nil, nil
}
