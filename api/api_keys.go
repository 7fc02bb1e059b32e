package api

import (
	"context"
	"net/http"

	"sofipo/bank"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/core/wire"
	"sofipo/infra/auth"
	"sofipo/view"
)

const (
	serviceAccountsURL = "/api/v1/service-accounts"
	apiKeysURL         = serviceAccountsURL + "/{username}/keys"
)

var _ = mount(17, apiKeyOperations)

var apiKeyOperations = []operation{
	write(operation{
		method: http.MethodPost, path: serviceAccountsURL, id: "add_service_account_api_v1_service_accounts_post", tag: staffTag, summary: "Add a service account", status: http.StatusCreated,
		about: "Adds a user that a program acts as, without a role. It has no password and cannot sign in. Two people assign its role " +
			"(`PUT /api/v1/users/{username}/role`); it is listed, changed, disabled and enabled like other users.",
		refusals: []fault.Code{staff.NameTaken},
	}, func(in *addServiceAccount) bank.Command[staff.User] {
		return staffing.AddUser{Username: in.Body.Username, FullName: in.Body.FullName, Branch: in.Body.Branch, Service: true}
	}),
	asked(operation{
		path: apiKeysURL, id: "read_api_keys_api_v1_service_accounts__username__keys_get", tag: staffTag, summary: "List the API keys of a service account", permission: staff.Read,
		about:    "Lists the API keys of a service account, the newest first, also those that ended. The secrets are not stored.",
		refusals: []fault.Code{staff.NotFound},
	}, func(ctx context.Context, s *server, by view.By, in *rowsOfUser) ([]staff.APIKey, id.ID, error) {
		all, err := s.View.APIKeys(ctx, by, in.Username)
		return all, id.ID{}, err
	}),
	plain[CreatedKey](operation{
		method: http.MethodPost, path: apiKeysURL, id: "add_api_key_api_v1_service_accounts__username__keys_post", tag: staffTag, summary: "Create an API key", permission: staff.Manage, status: http.StatusCreated,
		about: "Creates an API key of a service account. The answer has the key, which is not shown again: send it as `Authorization: Bearer`. " +
			"The key works after another person activates it, so that nobody can act as another user alone. It never manages users, roles or keys.",
		refusals: []fault.Code{staff.NotFound, staff.OnlyForService},
	}, addAPIKey),
	write(operation{
		method: http.MethodPost, path: apiKeysURL + "/{key_id}/activation", id: "activate_api_key_api_v1_service_accounts__username__keys__key_id__activation_post", tag: staffTag, summary: "Activate an API key", status: http.StatusOK,
		about:    "Activates an API key, which works within 5 seconds. Who created the key cannot do it.",
		refusals: []fault.Code{staff.KeyNotFound, staff.KeyEnded, access.FourEyes},
	}, func(in *apiKeyByID) bank.Command[staff.APIKey] {
		return staffing.ActivateAPIKey{Username: in.Username, ID: in.KeyID}
	}),
	write(operation{
		method: http.MethodPost, path: apiKeysURL + "/{key_id}/revocation", id: "revoke_api_key_api_v1_service_accounts__username__keys__key_id__revocation_post", tag: staffTag, summary: "Revoke an API key", status: http.StatusOK,
		about:    "Revokes an API key, which is rejected within 5 seconds. A revoked key stays revoked.",
		refusals: []fault.Code{staff.KeyNotFound},
	}, func(in *apiKeyByID) bank.Command[staff.APIKey] {
		return staffing.RevokeAPIKey{Username: in.Username, ID: in.KeyID}
	}),
}

type addServiceAccount struct{ Body ServiceAccountCreate }

// ServiceAccountCreate is the body of a request that adds a service account.
type ServiceAccountCreate struct {
	Username string `json:"username" doc:"User name: 2 to 64 lower-case letters, digits and . _ @ -" example:"portal"`
	FullName string `json:"full_name,omitempty" maxLength:"100" doc:"What the program is." example:"Portal de pagos"`
	Branch   string `json:"branch,omitempty" doc:"Code of the branch. Defaults to the head office." example:"001"`
}

type apiKeyByID struct {
	userByName
	KeyID id.ID `path:"key_id" doc:"Id of the API key."`
}

type addAPIKeyInput struct {
	userByName
	Body KeyCreate
}

// KeyCreate is the body of a request that creates an API key.
type KeyCreate struct {
	Name        string   `json:"name" maxLength:"100" doc:"What the key is for." example:"Servidor de pagos"`
	Days        int      `json:"days" doc:"Days until the key expires: 1 to 366." example:"90"`
	Permissions []string `json:"permissions,omitempty" doc:"Some permissions of the account's role, which the key has. Defaults to all of them, also those that the role gets later." example:"[\"loans.read\"]"`
}

// CreatedKey is a new API key with its secret.
type CreatedKey struct {
	APIKey string       `json:"api_key" doc:"The key. Send it in the header Authorization: Bearer. It is not shown again."`
	Key    staff.APIKey `json:"key" doc:"What is stored of the key."`
}

// addAPIKey creates a key. Idempotency keys are not used, because no stored answer may have the
// secret in it.
func addAPIKey(s *server, c *call, in *addAPIKeyInput) error {
	secret := auth.NewAPISecret()
	command := staffing.AddAPIKey{Username: in.Username, Title: in.Body.Name, Days: in.Body.Days, Hash: auth.HashAPISecret(secret)}
	for _, p := range in.Body.Permissions {
		command.Permissions = append(command.Permissions, access.Permission(p))
	}
	ctx, cancel := context.WithTimeout(c.request.Context(), writeTime)
	defer cancel()
	receipt, err := bank.Do(ctx, s.Bank, c.actor(), command)
	if err != nil {
		return err
	}
	c.mark(receipt.Token, false)
	c.answer(c.endpoint.status, wire.JSON(nil, CreatedKey{auth.APIKey(receipt.Answer.ID, secret), receipt.Answer}))
	return nil
}
