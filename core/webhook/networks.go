package webhook

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Networks are the private networks in which webhooks may be called. Public addresses need no
// permission, but HTTPS.
type Networks []netip.Prefix

// never are the addresses that are not called, whatever the networks are: they are of one link
// or of a service that gives the credentials of a machine in a cloud to who asks from it.
var never = prefixes("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "192.0.0.0/24", "100.100.100.200/32", "168.63.129.16/32",
	"::/128", "fe80::/10", "ff00::/8", "fd00:ec2::254/128", "fd20:ce::254/128",
	"::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32") // forms of IPv4 addresses

// notPublic are the addresses that are not of the public Internet.
var notPublic = prefixes("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "192.0.2.0/24", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")

// unicast are the public addresses of IPv6.
var unicast = netip.MustParsePrefix("2000::/3")

func prefixes(all ...string) Networks {
	n := make(Networks, len(all))
	for i, text := range all {
		n[i] = netip.MustParsePrefix(text)
	}
	return n
}

func (n Networks) contain(a netip.Addr) bool {
	return slices.ContainsFunc(n, func(p netip.Prefix) bool { return p.Contains(a) })
}

// ParseNetworks reads addresses and networks, separated by commas.
func ParseNetworks(text string) (n Networks, err error) {
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		p, err := netip.ParsePrefix(part)
		if err != nil {
			a, err := netip.ParseAddr(part)
			if err != nil {
				return nil, fmt.Errorf("%q is neither an address nor a network such as 10.0.0.0/8", part)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		if slices.ContainsFunc(never, func(x netip.Prefix) bool { return x.Contains(p.Addr()) && x.Bits() <= p.Bits() }) {
			return nil, fmt.Errorf("%s is never called: it is of one link, of a cloud's service for its machines, or not of a receiver", part)
		}
		n = append(n, p.Masked())
	}
	return n, nil
}

// Permit reports whether an address may be called: over HTTPS if secure is set, otherwise over
// HTTP, which only the networks permit.
func (n Networks) Permit(secure bool, a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	switch {
	case never.contain(a):
		return false
	case n.contain(a):
		return true
	case a.Is6() && !unicast.Contains(a):
		return false
	}
	return secure && !notPublic.contain(a)
}
