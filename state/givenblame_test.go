package state_test

import (
	"strings"
	"testing"

	"atlas-restore/state"
)

// What is wrong is told of the flag that makes it so.
func TestTheFlagToBlame(t *testing.T) {
	orders := []string{"shop.orders", "shop.stock"}
	for flag, o := range map[string]state.GivenOnly{
		state.FlagNamespace: {Names: []string{"shop", "shop.orders", "admin"}, Suffix: "_x"},
		state.FlagRename:    {Names: orders, Renames: []string{"shop.orders=shop.stock"}},
		state.FlagSuffix:    {Names: orders, Suffix: "$"},
	} {
		if _, err := o.Choice(); err == nil || !strings.HasPrefix(err.Error(), "--"+flag+" ") && !strings.HasPrefix(err.Error(), "--"+flag+":") {
			t.Errorf("--%s: %v", flag, err)
		}
	}
}
