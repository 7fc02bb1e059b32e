package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/document"
)

const (
	zipMedia = "application/zip"
)

var _ = mount(23, personalDataOperations)

var personalDataOperations = []operation{
	plain[string](operation{
		method: http.MethodPost, path: "/api/v1/clients/{client_id}/personal-data/export", id: "export_personal_data_api_v1_clients__client_id__personal_data_export_post",
		tag: filesTag, summary: "Export all data of a client", permission: client.ExportData, status: http.StatusOK, effect: writes, media: zipMedia,
		about: "Returns a ZIP file with everything that is held about a client: `personal-data.json` with the file, notes, loans, transactions, collection, incoming payments, alerts and who saw or changed them, " +
			"and the documents. Blocked data are in it, destroyed ones are not. The audit records the export before the file is sent.",
		refusals: []fault.Code{client.NotFound},
	}, exportPersonalData),
	write(operation{
		method: http.MethodPost, path: "/api/v1/clients/{client_id}/personal-data/block", id: "block_personal_data_api_v1_clients__client_id__personal_data_block_post",
		tag: filesTag, summary: "Block the data of a client", status: http.StatusOK,
		about: "Blocks the personal data of a client whose loans and applications have all ended. From then on only the export shows them. The client keeps the number, the loans and the books, " +
			"and has no name, RFC, email address, file, documents or notes. `destroy_from` is the first day on which the data may be destroyed.",
		refusals: []fault.Code{client.NotFound, client.HasObligations, client.Withheld},
	}, func(in *blockPersonalData) bank.Command[client.Block] {
		return lending.BlockClient{ClientID: in.ClientID, Reason: in.Body.Reason}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/clients/{client_id}/personal-data/destruction", id: "destroy_personal_data_api_v1_clients__client_id__personal_data_destruction_post",
		tag: filesTag, summary: "Destroy the data of a client", status: http.StatusOK,
		about:    "Destroys blocked data for ever, also the documents. Before the first day on which it is allowed, it is refused; `from` has that day. The client's number, the loans and the books stay. Data that were destroyed before stay so.",
		refusals: []fault.Code{client.NotFound, client.NotBlocked, client.Retained},
	}, func(in *clientByID) bank.Command[client.Block] { return clients.DestroyData{ID: in.ClientID} }),
}

type blockPersonalData struct {
	ClientID id.ID `path:"client_id"`
	Body     DataBlock
}

// DataBlock is the body of a request that blocks personal data.
type DataBlock struct {
	Reason string `json:"reason" maxLength:"500"`
}

// exportPersonalData records the export and then sends the data.
func exportPersonalData(s *server, c *call, in *clientByID) error {
	o := c.endpoint
	by, flaws := c.by(o.method+" "+o.path, in, nil)
	if len(flaws) > 0 {
		return fault.Wrong(flaws...)
	}
	by.Key = "" // each export has a row in the audit
	c.leave()   // the command waits for the writer, not for the database
	ctx, cancel := context.WithTimeout(c.request.Context(), writeTime)
	defer cancel()
	receipt, err := bank.Do(ctx, s.Bank, by, bank.Command[clients.Exported](clients.ExportData{ID: in.ClientID}))
	if err != nil {
		return c.named(err)
	}
	c.mark(receipt.Token, receipt.Replayed)
	reader := c.reader(receipt.Token)
	data, err := s.View.PersonalData(ctx, reader, in.ClientID, s.Clock(), s.today())
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := document.WritePersonalData(&out, data, func(hash string) ([]byte, error) { return s.Files.Load(ctx, hash) }); err != nil {
		return clients.StoreAway(err)
	}
	c.Header().Set("Content-Type", zipMedia)
	c.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", document.PersonalDataName(data)))
	c.send(http.StatusOK, out.Bytes())
	return nil
}
