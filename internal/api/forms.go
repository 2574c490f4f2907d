package api

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"sluss/internal/canon"
	"sluss/internal/fault"
)

// twoPart reads a multipart/form-data request of two parts: first the JSON part
// called name, strictly into v, then the file, which is returned with the name
// that its sender gave. The file is a stream: read it before anything else.
func twoPart(w http.ResponseWriter, r *http.Request, name string, v any, file string, limit int64) (io.Reader, string, error) {
	w.Header().Set("Connection", "close") // what is refused is not read to its end
	typ, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || typ != "multipart/form-data" || params["boundary"] == "" {
		return nil, "", failure(http.StatusUnsupportedMediaType, "api.media_type", "Innehållet ska vara multipart/form-data.", "The content must be multipart/form-data.").
			do("Skicka först delen "+name+" och sedan filen "+file+".", "Send first the part "+name+" and then the file "+file+".")
	}
	body := multipart.NewReader(http.MaxBytesReader(w, r.Body, limit+maxBody+1<<16), params["boundary"])
	first, err := body.NextPart()
	if err != nil || first.FormName() != name {
		return nil, "", orTooLarge(err, wrongParts(name, file))
	}
	raw, err := io.ReadAll(io.LimitReader(first, maxBody+1))
	if err != nil || len(raw) > maxBody {
		return nil, "", orTooLarge(err, wrongParts(name, file))
	}
	if raw, err = canon.Normalise(raw); err != nil {
		return nil, "", malformed()
	}
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return nil, "", fault.New("api.invalid", "Fält saknas, är okända eller har fel typ.", "Fields are missing, unknown or of the wrong type.").At(fault.Where{Column: name}).
			Do("Rätta delen "+name+"; /api/openapi.json beskriver den.", "Mend the part "+name+"; /api/openapi.json describes it.")
	}
	second, err := body.NextPart()
	if err != nil || second.FormName() != file {
		return nil, "", orTooLarge(err, wrongParts(name, file))
	}
	return second, second.FileName(), nil
}

func wrongParts(name, file string) error {
	return failure(http.StatusUnprocessableEntity, "api.parts", "Anropet ska ha delen "+name+" och sedan filen "+file+".", "The request must have the part "+name+" and then the file "+file+".").
		do("Skicka dem i den ordningen.", "Send them in that order.")
}

func orTooLarge(err, other error) error {
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return err
	}
	return other
}
