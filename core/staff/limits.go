package staff

// Limits are the limits of authority of a role.
type Limits struct{}
