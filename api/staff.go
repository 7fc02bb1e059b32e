package api

import (
	"context"
	"errors"
	"net/http"

	"sofipo/bank"
	"sofipo/bank/lending"
	tills "sofipo/bank/settlement"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/authority"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/staff"
	"sofipo/core/wire"
	"sofipo/infra/auth"
	"sofipo/text"
	"sofipo/view"
	"sofipo/web"
)

const staffTag = "Staff"

var (
	_ = mount(11, userOperations)
	_ = mount(12, branchOperations)
	_ = mount(13, roleOperations)
	_ = mount(14, assignmentOperations)
)

var userOperations = []operation{
	asked(operation{
		path: "/api/v1/users", id: "read_users_api_v1_users_get", tag: staffTag, summary: "List users", permission: staff.Read,
		about: "Lists all users by name.",
	}, func(ctx context.Context, s *server, by view.By, _ *rowsInput) ([]staff.User, id.ID, error) {
		all, err := s.View.Users(ctx, by)
		return all, id.ID{}, err
	}),
	plain[staff.User](operation{
		method: http.MethodPost, path: "/api/v1/users", id: "add_user_api_v1_users_post", tag: staffTag, summary: "Add a user", permission: staff.Manage, status: http.StatusCreated,
		about:    "Adds a user without a role. The user may do nothing until two people assign a role (`PUT /api/v1/users/{username}/role`).",
		refusals: []fault.Code{staff.NameTaken},
	}, func(s *server, c *call, in *addUserInput) error {
		b := in.Body
		return setPassword(s, c, b.Username, b.Password, func(hash string) bank.Command[staff.User] {
			return staffing.AddUser{Username: b.Username, Password: hash, FullName: b.FullName, Branch: b.Branch}
		})
	}),
	write(operation{
		method: http.MethodPut, path: "/api/v1/users/{username}", id: "change_user_api_v1_users__username__put", tag: staffTag, summary: "Change a user", status: http.StatusOK,
		about:    "Changes the name or the branch of a user. Omitted fields keep their value.",
		refusals: []fault.Code{staff.NotFound},
	}, func(in *changeUserInput) bank.Command[staff.User] {
		return staffing.ChangeUser{Username: in.Username, FullName: in.Body.FullName, Branch: in.Body.Branch}
	}),
	write(operation{
		method: http.MethodPut, path: "/api/v1/users/{username}/role", id: "assign_role_api_v1_users__username__role_put", tag: staffTag, summary: "Assign a role to a user", status: http.StatusOK,
		about: "Gives a user another role. Two people do it: send `request_reason` to file it; another person with the permission approves the request. " +
			"The user cannot approve it. It takes effect within 5 seconds.",
		refusals: []fault.Code{staff.NotFound, staff.LastAdmin, access.FourEyes, authority.Exceeded},
	}, func(in *assignRoleInput) bank.Command[staff.User] {
		return staffing.AssignRole{Username: in.Username, Role: access.Role(in.Body.Role)}
	}),
	plain[staff.User](operation{
		method: http.MethodPut, path: "/api/v1/users/{username}/password", id: "reset_password_api_v1_users__username__password_put", tag: staffTag, summary: "Reset a user's password", permission: staff.Manage, status: http.StatusOK,
		about: "Sets the password of a user and invalidates the user's tokens. The user is disabled until another person enables the user " +
			"(`POST /api/v1/users/{username}/enable`), so that nobody can act as another user alone.",
		refusals: []fault.Code{staff.NotFound, staff.LastAdmin, staff.NotForService},
	}, func(s *server, c *call, in *resetPasswordInput) error {
		return setPassword(s, c, in.Username, in.Body.Password, func(hash string) bank.Command[staff.User] {
			return staffing.ChangePassword{Username: in.Username, Password: hash}
		})
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/users/{username}/disable", id: "disable_user_api_v1_users__username__disable_post", tag: staffTag, summary: "Disable a user", status: http.StatusOK,
		about:    "Disables a user, whose tokens are rejected within 5 seconds. The last enabled user with the role admin stays.",
		refusals: []fault.Code{staff.NotFound, staff.LastAdmin},
	}, func(in *userByName) bank.Command[staff.User] { return staffing.DisableUser{Username: in.Username} }),
	write(operation{
		method: http.MethodPost, path: "/api/v1/users/{username}/enable", id: "enable_user_api_v1_users__username__enable_post", tag: staffTag, summary: "Enable a user", status: http.StatusOK,
		about:    "Enables a disabled user. Who set the user's password cannot do it.",
		refusals: []fault.Code{staff.NotFound, staff.BranchClosed, access.FourEyes},
	}, func(in *userByName) bank.Command[staff.User] { return staffing.EnableUser{Username: in.Username} }),
	plain[staff.User](operation{
		method: http.MethodPut, path: "/api/v1/me/password", id: "change_own_password_api_v1_me_password_put", tag: staffTag, summary: "Change the own password", permission: staff.OwnPassword, status: http.StatusOK,
		about:    "Changes the password of the user of the token, with the present password. It invalidates the user's tokens.",
		refusals: []fault.Code{access.TooManyAttempts},
	}, changeOwnPassword),
	plain[Me](operation{
		method: http.MethodGet, path: "/api/v1/me", id: "read_me_api_v1_me_get", tag: staffTag, summary: "Get the own user", permission: staff.OwnPassword, status: http.StatusOK, unbounded: true,
		about: "Returns the user of the token with the role in force: permissions, scope and limits.",
	}, func(_ *server, c *call, _ *none) error {
		c.answer(http.StatusOK, wire.JSON(nil, Me{c.who.User, c.who.Role}))
		return nil
	}),
}

var branchOperations = []operation{
	asked(operation{
		path: "/api/v1/branches", id: "read_branches_api_v1_branches_get", tag: staffTag, summary: "List branches", permission: staff.Read,
		about: "Lists all branches by code, closed ones too.",
	}, func(ctx context.Context, s *server, by view.By, _ *rowsInput) ([]staff.Branch, id.ID, error) {
		all, err := s.View.Branches(ctx, by)
		return all, id.ID{}, err
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/branches", id: "add_branch_api_v1_branches_post", tag: staffTag, summary: "Open a branch", status: http.StatusCreated,
		about:    "Opens a branch.",
		refusals: []fault.Code{staff.BranchCodeTaken},
	}, func(in *addBranchInput) bank.Command[staff.Branch] {
		return staffing.AddBranch{Code: in.Body.Code, BranchName: in.Body.Name, Address: in.Body.Address, Phone: in.Body.Phone}
	}),
	write(operation{
		method: http.MethodPut, path: "/api/v1/branches/{code}", id: "change_branch_api_v1_branches__code__put", tag: staffTag, summary: "Change a branch", status: http.StatusOK,
		about:    "Changes the name, the address or the phone. Omitted fields keep their value; the code never changes.",
		refusals: []fault.Code{staff.BranchNotFound, staff.BranchClosed},
	}, func(in *changeBranchInput) bank.Command[staff.Branch] {
		return staffing.ChangeBranch{Code: in.Code, BranchName: in.Body.Name, Address: in.Body.Address, Phone: in.Body.Phone}
	}),
	write(operation{
		method: http.MethodPost, path: "/api/v1/branches/{code}/close", id: "close_branch_api_v1_branches__code__close_post", tag: staffTag, summary: "Close a branch", status: http.StatusOK,
		about:    "Closes a branch that has no enabled users, clients, unfinished loans, open tills or cash, and retires its tills and its vault. A refusal says what is left.",
		refusals: []fault.Code{staff.BranchNotFound, staff.BranchClosed, staff.BranchInUse},
	}, func(in *branchByCode) bank.Command[staff.Branch] { return &tills.CloseBranch{Code: in.Code} }),
}

var roleOperations = []operation{
	asked(operation{
		path: "/api/v1/roles", id: "read_roles_api_v1_roles_get", tag: staffTag, summary: "List roles", permission: staff.Read,
		about: "Lists the roles in force: permissions, scope and limits.",
	}, func(ctx context.Context, s *server, _ view.By, _ *rowsInput) ([]staff.Role, id.ID, error) {
		all, err := s.Bank.Roles(ctx)
		return all, id.ID{}, err
	}),
	write(operation{
		method: http.MethodPut, path: "/api/v1/roles/{role}", id: "define_role_api_v1_roles__role__put", tag: staffTag, summary: "Make or change a role", status: http.StatusOK,
		about: "Makes a role, or replaces the title, permissions, scope and limits of one. Two people do it: send `request_reason` to file it; " +
			"another person with the permission and without the role approves the request. A limit that is absent is 0. The role admin keeps all permissions and the scope `all`.",
		refusals: []fault.Code{authority.Exceeded},
	}, func(in *defineRoleInput) bank.Command[staff.Role] {
		r := staff.Role{Name: access.Role(in.Role), Title: in.Body.Title, Scope: staff.Scope(in.Body.Scope), Limits: staff.Limits(in.Body.Limits)}
		for _, p := range in.Body.Permissions {
			r.Permissions = append(r.Permissions, access.Permission(p))
		}
		return staffing.DefineRole{Role: r}
	}),
}

var assignmentOperations = []operation{
	plain[Assignments](operation{
		method: http.MethodPost, path: "/api/v1/assignments", id: "assign_clients_api_v1_assignments_post", tag: staffTag, summary: "Assign clients to an officer", permission: client.Assign, status: http.StatusOK,
		about: "Assigns clients with all their loans to an officer and the branch of that officer, or to a branch without an officer. " +
			"The clients are those of `clients`, or up to 1,000 of those of `from_officer`; repeat the request while `more` is true. " +
			"Each client is one operation: the answer says which were assigned and why the others were not.",
	}, assignClients),
}

type userByName struct {
	Username string `path:"username" doc:"User name."`
}

// rowsOfUser selects a user for a list.
type rowsOfUser struct {
	userByName
	tableFormat
}

type addUserInput struct{ Body UserCreate }

// UserCreate is the body of a request that adds a user.
type UserCreate struct {
	Username string `json:"username" doc:"User name: 2 to 64 lower-case letters, digits and . _ @ -" example:"rosa.ruiz"`
	Password string `json:"password" format:"password" doc:"Password: 8 to 128 characters, without the user name, the name of the institution, or three equal or consecutive characters (111, abc, 321)." example:"una frase larga"`
	FullName string `json:"full_name,omitempty" maxLength:"100" doc:"Name of the person." example:"Rosa Ruiz"`
	Branch   string `json:"branch,omitempty" doc:"Code of the branch. Defaults to the head office." example:"001"`
}

type changeUserInput struct {
	userByName
	Body UserChange
}

// UserChange is the body of a request that changes a user.
type UserChange struct {
	FullName *string `json:"full_name,omitempty" maxLength:"100" doc:"Name of the person." example:"Rosa Ruiz"`
	Branch   *string `json:"branch,omitempty" doc:"Code of the branch." example:"001"`
}

type assignRoleInput struct {
	userByName
	filing
	Body RoleAssignment
}

// RoleAssignment is the body of a request that assigns a role.
type RoleAssignment struct {
	Role string `json:"role" doc:"Name of the role." example:"officer"`
}

type resetPasswordInput struct {
	userByName
	Body NewPassword
}

// NewPassword is the body of a request that resets a password.
type NewPassword struct {
	Password string `json:"password" format:"password" doc:"New password: 8 to 128 characters, without the user name, the name of the institution, or three equal or consecutive characters (111, abc, 321)." example:"una frase larga"`
}

type ownPasswordInput struct{ Body OwnPassword }

// OwnPassword is the body of a request that changes the own password.
type OwnPassword struct {
	Current  string `json:"current_password" format:"password" doc:"Present password." example:"una frase larga"`
	Password string `json:"password" format:"password" doc:"New password: 8 to 128 characters, without the user name, the name of the institution, or three equal or consecutive characters (111, abc, 321)." example:"otra frase larga"`
}

// Me is the user of a token with the role in force.
type Me struct {
	User staff.User `json:"user" doc:"User."`
	Role staff.Role `json:"role" doc:"Role in force."`
}

type branchByCode struct {
	Code string `path:"code" doc:"Code of the branch."`
}

type addBranchInput struct{ Body BranchCreate }

// BranchCreate is the body of a request that opens a branch.
type BranchCreate struct {
	Code    string `json:"code" doc:"Code: 1 to 10 upper-case letters, digits and hyphens." example:"002"`
	Name    string `json:"name" maxLength:"100" doc:"Name." example:"Centro"`
	Address string `json:"address,omitempty" maxLength:"300" doc:"Address." example:"Av. Juárez 10, Puebla"`
	Phone   string `json:"phone,omitempty" maxLength:"30" doc:"Phone." example:"222 123 4567"`
}

type changeBranchInput struct {
	branchByCode
	Body BranchChange
}

// BranchChange is the body of a request that changes a branch.
type BranchChange struct {
	Name    *string `json:"name,omitempty" maxLength:"100" doc:"Name." example:"Centro"`
	Address *string `json:"address,omitempty" maxLength:"300" doc:"Address." example:"Av. Juárez 10, Puebla"`
	Phone   *string `json:"phone,omitempty" maxLength:"30" doc:"Phone." example:"222 123 4567"`
}

type defineRoleInput struct {
	Role string `path:"role" doc:"Name of the role."`
	filing
	Body RoleDefinition
}

// RoleDefinition is the body of a request that makes or changes a role.
type RoleDefinition struct {
	Title       string     `json:"title" maxLength:"100" doc:"Title shown to people." example:"Cajero principal"`
	Permissions []string   `json:"permissions" doc:"Permissions." example:"[\"clients.read\",\"payments.receive\"]"`
	Scope       string     `json:"scope" enum:"own,branch,all" doc:"Clients and loans that the role covers." example:"branch"`
	Limits      RoleLimits `json:"limits" doc:"Limits of authority. An absent limit is 0: the role may not do the operation at all."`
}

// RoleLimits are the limits in the definition of a role.
type RoleLimits struct {
	Approval       money.Amount `json:"approval,omitempty"`
	Disbursement   money.Amount `json:"disbursement,omitempty"`
	WriteOff       money.Amount `json:"write_off,omitempty"`
	EarlyWriteOff  money.Amount `json:"early_write_off,omitempty"`
	Restructure    money.Amount `json:"restructure,omitempty"`
	Reversal       money.Amount `json:"reversal,omitempty"`
	BackDating     money.Amount `json:"back_dating,omitempty"`
	BackDatingDays int          `json:"back_dating_days,omitempty"`
	Alone          money.Amount `json:"alone,omitempty"`
}

type assignInput struct{ Body AssignmentOrder }

// AssignmentOrder is the body of a request that assigns clients.
type AssignmentOrder struct {
	Clients     []id.ID `json:"clients,omitempty" doc:"Ids of up to 1,000 clients."`
	FromOfficer string  `json:"from_officer,omitempty" doc:"User whose clients are assigned, instead of clients." example:"rosa.ruiz"`
	Officer     string  `json:"officer,omitempty" doc:"User who becomes the officer." example:"luis.mora"`
	Branch      string  `json:"branch,omitempty" doc:"Code of the branch, instead of an officer." example:"002"`
}

// Assignments is the answer to a request that assigns clients.
type Assignments struct {
	Clients []AssignedClient `json:"clients" doc:"Clients, in the order of the request."`
	More    bool             `json:"more" doc:"Whether from_officer has more clients."`
}

// AssignedClient is the outcome for one client.
type AssignedClient struct {
	ClientID id.ID  `json:"client_id" doc:"Client."`
	Assigned bool   `json:"assigned" doc:"Whether the client was assigned."`
	Code     string `json:"code,omitempty" doc:"Code of the refusal. Absent if the client was assigned."`
	Detail   string `json:"detail,omitempty" doc:"Reason of the refusal. Absent if the client was assigned."`
}

// setPassword runs a command with the hash of a new password. Idempotency keys are not used,
// because no hash of a request may have the password in it.
func setPassword(s *server, c *call, username, password string, command func(hash string) bank.Command[staff.User]) error {
	letter, err := s.View.Letterhead(c.request.Context(), view.System)
	if err != nil {
		return err
	}
	if err := auth.CheckNewPassword(username, letter.Name, password); err != nil {
		return err
	}
	hash, err := auth.HashPassword(password)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.request.Context(), writeTime)
	defer cancel()
	receipt, err := bank.Do(ctx, s.Bank, c.actor(), command(hash))
	if err != nil {
		return err
	}
	c.mark(receipt.Token, false)
	c.answer(c.endpoint.status, receipt.Answer.AppendJSON(nil))
	return nil
}

// changeOwnPassword counts wrong present passwords as failed logins.
func changeOwnPassword(s *server, c *call, in *ownPasswordInput) error {
	name := c.who.User.Username
	if _, err := s.Logins.LogIn(c.request.Context(), s.View, web.Attempt{Name: name, Password: in.Body.Current, Remote: c.request.RemoteAddr, Correlation: c.correlation, For: staffing.ChangeOwnPassword{}.Name()}); fault.Is(err, access.BadLogin) {
		return fault.Wrong(fault.At("current_password", staff.WrongPassword))
	} else if err != nil {
		return err
	}
	return setPassword(s, c, name, in.Body.Password, func(hash string) bank.Command[staff.User] {
		return staffing.ChangeOwnPassword{Username: name, Password: hash}
	})
}

// mostAssigned is the maximum number of clients of one request.
const mostAssigned = 1000

func assignClients(s *server, c *call, in *assignInput) error {
	b := in.Body
	if (len(b.Clients) == 0) == (b.FromOfficer == "") || len(b.Clients) > mostAssigned {
		return fault.Wrong(fault.At("clients", staff.ClientsOrOfficer, "most", mostAssigned))
	}
	if err := (lending.ReassignClient{Officer: b.Officer, Branch: b.Branch}).Check(bank.Rules{}); err != nil {
		return err
	}
	by, err := c.viewer()
	if err != nil {
		return err
	}
	ctx := c.request.Context()
	chosen := b.Clients
	if b.FromOfficer != "" {
		if chosen, err = s.View.ClientsOf(ctx, by, b.FromOfficer, view.Paging{Limit: mostAssigned}); err != nil {
			return err
		}
	}
	out := Assignments{Clients: make([]AssignedClient, len(chosen)), More: b.FromOfficer != "" && len(chosen) == mostAssigned}
	actor := c.actor()
	for i, clientID := range chosen {
		out.Clients[i] = AssignedClient{ClientID: clientID, Assigned: true}
		receipt, err := bank.Do(ctx, s.Bank, actor, lending.ReassignClient{ClientID: clientID, Officer: b.Officer, Branch: b.Branch})
		var refusal *fault.Error
		switch {
		case errors.As(err, &refusal) && len(refusal.Flaws) > 0: // wrong for all clients
			return err
		case errors.As(err, &refusal):
			out.Clients[i] = AssignedClient{ClientID: clientID, Code: string(refusal.Code), Detail: text.Detail(refusal)}
		case err != nil:
			return err
		default:
			c.mark(receipt.Token, false)
		}
	}
	c.answer(http.StatusOK, wire.JSON(nil, out))
	return nil
}
